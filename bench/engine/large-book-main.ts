/** Fills the large book in a process of its own and prints its figures as JSON. */
import { fillLargeBook } from './large-book.js';

process.stdout.write(JSON.stringify(fillLargeBook()));
