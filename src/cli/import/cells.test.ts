/** What cells of other people's files mean. */
import { CellProblem, decimalOf, roundToStep, timeUsOf, wholeNumberOf } from './cells.js';

const US = Date.UTC(2020, 6, 27, 4, 0, 0) * 1000;

describe('Cells', () => {
  it.each([
    ['2020-07-27 04:00:00+00:00', US],
    ['2020-07-27T04:00:00Z', US],
    ['2020-07-27 04:00', US],
    ['2020/07/27 04:00:00', US],
    ['2020-07-27T06:00:00+02:00', US],
    ['2020-07-27T06:00:00+0200', US],
    ['2020-07-27T06:00:00+02', US],
    ['2020-07-27 00:00:00-04:00', US],
    ['2020-07-27 04:00:00.123456789 UTC', US + 123_456],
    ['2020-07-27', Date.UTC(2020, 6, 27) * 1000],
    ['20200727', Date.UTC(2020, 6, 27) * 1000],
    ['1595822400', US],
    ['1595822400.5', US + 500_000],
    ['1595822400000', US],
    ['1595822400000.25', US + 250],
    ['1595822400000001', US + 1],
    ['1595822400000001999', US + 1],
  ])('read the time %s', (text, timeUs) => {
    expect(timeUsOf(text)).toBe(timeUs);
  });

  it.each(['', 'yesterday', '2020-13-01', '2020-02-30', '2020-01-01 25:00', '12', '1e9', '-1595822400', '1969-12-31'])(
    'refuse "%s" as a time',
    (text) => {
      expect(() => timeUsOf(text)).toThrow(CellProblem);
    },
  );

  it.each([
    ['101.305', '0.01', '101.300'],
    ['101.315', '0.01', '101.320'],
    ['101.3051', '0.01', '101.3100'],
    ['0.004', '0.01', '0.000'],
    ['7', '0.25', '7.00'],
    ['7.4', '5', '5.0'],
    ['7.5', '5', '10.0'],
    ['-0.015', '0.01', '-0.020'],
    ['123456789012345678901234567890.125', '0.25', '123456789012345678901234567890.000'],
  ])('bring %s to the step %s, half to even', (text, step, rounded) => {
    expect(roundToStep(text, step)).toBe(rounded);
  });

  it('refuse what is no number, naming the column', () => {
    expect(() => decimalOf('open', 'n/a')).toThrow('open "n/a" is not a decimal');
    expect(() => decimalOf('open', undefined)).toThrow('open is empty');
    expect(wholeNumberOf('trades', '12.0')).toBe(12);
    for (const text of ['-1', '1.5', '9007199254740993', 'x'])
      expect(() => wholeNumberOf('n', text)).toThrow(CellProblem);
  });
});
