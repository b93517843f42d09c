import { jest } from '@jest/globals';

// An end-to-end scenario builds, starts, kills and restarts real processes: seconds each, not milliseconds.
// As services ten of them start at a time.
jest.setTimeout(process.env.TRADSYS_E2E === 'services' ? 400_000 : 180_000);
