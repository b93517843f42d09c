/**
 * How long a list may get, declared on the schema by federation's `@listSize`, so that the cost of an operation is known
 * before it runs. A list without a declaration is assumed to have a few rows.
 */
import { Directive } from 'type-graphql';

/** A connection of which `first` says how many edges come. @param assumed rows without `first` */
export function Paged(assumed: number) {
  return Directive(
    `@listSize(assumedSize: ${assumed}, slicingArguments: ["first"], sizedFields: ["edges"], requireOneSlicingArgument: false)`,
  );
}

/** An object with lists as long as an argument says. @param assumed length without the argument */
export function Sized(argument: string, assumed: number, ...fields: readonly string[]) {
  const names = fields.map((field) => `"${field}"`).join(', ');
  return Directive(
    `@listSize(assumedSize: ${assumed}, slicingArguments: ["${argument}"], sizedFields: [${names}], requireOneSlicingArgument: false)`,
  );
}

/** A list of about this many rows. */
export function About(rows: number) {
  return Directive(`@listSize(assumedSize: ${rows})`);
}
