/** Configuration of Prisma's command line tools; the platform itself does not read it. */
import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // Only for tools that look into a running database, such as Prisma Studio; generating the client needs none.
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://127.0.0.1:5432/tradsys' },
});
