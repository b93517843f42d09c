/**
 * Rows of columns as they were before their first change, so that changes can be taken back exactly.
 *
 * A table calls `note` before it changes a row. While the recorder is off that costs one comparison; while it is on,
 * the row's values are copied the first time. Complexity: O(columns) for each row noted.
 */

type Column = { [row: number]: unknown };

export class RowRecorder {
  isOn = false;
  readonly #rows: number[] = [];
  readonly #values: unknown[] = [];
  readonly #seen = new Set<number>();
  readonly #owner: Readonly<Record<string, Column>>;

  /**
   * @param owner object that holds the columns
   * @param names its columns; looked up at each use, since a column that grows becomes another object
   */
  constructor(
    owner: object,
    private readonly names: readonly string[],
  ) {
    this.#owner = owner as Readonly<Record<string, Column>>;
  }

  /** Rows noted so far. */
  get rows(): readonly number[] {
    return this.#rows;
  }

  begin(): void {
    this.isOn = true;
  }

  /** To be called before a row is changed. */
  note(row: number): void {
    if (this.isOn) this.#keep(row);
  }

  /** Puts every noted row back and forgets them; `rows` stays until `end`. */
  takeBack(): void {
    this.isOn = false;
    let at = 0;
    for (const row of this.#rows) {
      for (const name of this.names) {
        this.#owner[name]![row] = this.#values[at];
        at += 1;
      }
    }
  }

  /** Leaves the rows as they are now and forgets what they were. */
  end(): void {
    this.isOn = false;
    this.#rows.length = 0;
    this.#values.length = 0;
    this.#seen.clear();
  }

  #keep(row: number): void {
    if (this.#seen.has(row)) return;
    this.#seen.add(row);
    this.#rows.push(row);
    for (const name of this.names) this.#values.push(this.#owner[name]![row]);
  }
}

/** Names of an object's array columns but for those given. */
export function columnNames(owner: object, except: readonly string[]): string[] {
  return Object.entries(owner)
    .filter(([name, value]) => (ArrayBuffer.isView(value) || Array.isArray(value)) && !except.includes(name))
    .map(([name]) => name);
}
