/** Readers of option values; a bad value is told with the option's name by commander. */
import { InvalidArgumentError } from 'commander';

const MAX_PORT = 65_535;

/** @throws InvalidArgumentError */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= MAX_PORT))
    throw new InvalidArgumentError(`A port is a whole number from 0 (any free one) to ${MAX_PORT}.`);
  return port;
}

/** Reads a whole number above 0. @throws InvalidArgumentError */
export function parseCount(text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count === 0) throw new InvalidArgumentError('Takes a whole number above 0.');
  return count;
}

/** Reads a speed: a number above 0, or max. @throws InvalidArgumentError */
export function parseSpeed(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (!(speed > 0 && Number.isFinite(speed))) {
    throw new InvalidArgumentError('Takes a number above 0 (1 = as fast as it happened), or max.');
  }
  return speed;
}
