/** Fields of the configuration that several parts use. */
import { z } from 'zod';

/** A whole number within bounds; the fallback where the variable is absent. */
export const wholeNumber = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'takes a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .optional()
    .transform((value) => value ?? fallback);
