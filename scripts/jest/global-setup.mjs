import { generatePrismaClientIfStale } from '../lib/prisma.mjs';

/** Runs once before all workers: the generated database client is not committed, and tests import it. */
export default async function globalSetup() {
  await generatePrismaClientIfStale();
}
