import { jest } from '@jest/globals';

// An end-to-end scenario builds, starts, kills and restarts real processes: seconds each, not milliseconds.
jest.setTimeout(180_000);
