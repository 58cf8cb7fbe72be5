/**
 * An argument of a PAC function. The time conditions follow Netscape's PAC description of 1996: one
 * value or the two ends of a range, and a last argument GMT means UTC instead of local time.
 */
export type PacArgument = string | number | boolean | null;

interface Moment {
  year: number;
  /** 0 to 11. */
  month: number;
  day: number;
  /** 0 is Sunday. */
  weekday: number;
  hour: number;
  minute: number;
  second: number;
}

const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

export function weekdayRange(parameters: readonly PacArgument[], nowMs: number): boolean {
  const { values, now } = read(parameters, nowMs);
  const days = values.map((value) => weekdays.indexOf(String(value).toUpperCase()));
  const [from, to = from] = days;
  if (from === undefined || to === undefined || days.length > 2 || days.includes(-1)) return false;
  return isBetween([now.weekday], [from], [to], true);
}

export function timeRange(parameters: readonly PacArgument[], nowMs: number): boolean {
  const { values, now } = read(parameters, nowMs);
  const numbers = values.map(Number);
  if (numbers.some((value) => !Number.isInteger(value) || value < 0 || value > 59)) return false;
  const time = [now.hour, now.minute, now.second];
  if (numbers.length === 1) return now.hour === numbers[0];
  const half = numbers.length / 2;
  if (![1, 2, 3].includes(half)) return false;
  return isBetween(time.slice(0, half), numbers.slice(0, half), numbers.slice(half), true);
}

export function dateRange(parameters: readonly PacArgument[], nowMs: number): boolean {
  const { values, now } = read(parameters, nowMs);
  const parts = values.map(datePart);
  if (parts.length === 0 || parts.length > 6) return false;
  const half = parts.length === 1 ? 1 : parts.length / 2;
  if (!Number.isInteger(half)) return false;
  const [from, to] = [byUnit(parts.slice(0, half)), byUnit(parts.slice(-half))];
  if (!from || !to || from.units.join() !== to.units.join()) return false;
  const today = from.units.map((unit) => now[unit]);
  return isBetween(today, from.values, to.values, !from.units.includes("year"));
}

function read(
  parameters: readonly PacArgument[],
  nowMs: number,
): { values: PacArgument[]; now: Moment } {
  const universal = String(parameters.at(-1)).toUpperCase() === "GMT";
  return {
    values: universal ? parameters.slice(0, -1) : [...parameters],
    now: momentOf(new Date(nowMs), universal),
  };
}

function momentOf(date: Date, universal: boolean): Moment {
  if (universal)
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth(),
      day: date.getUTCDate(),
      weekday: date.getUTCDay(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
    };
  return {
    year: date.getFullYear(),
    month: date.getMonth(),
    day: date.getDate(),
    weekday: date.getDay(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
  };
}

type DateUnit = "year" | "month" | "day";

/** A number up to 31 is a day, a larger one a year, a word a month. */
function datePart(value: PacArgument): { unit: DateUnit; value: number } | null {
  const month = months.indexOf(String(value).toUpperCase());
  if (month >= 0) return { unit: "month", value: month };
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) return null;
  return { unit: number <= 31 ? "day" : "year", value: number };
}

/**
 * The parts from the largest unit to the smallest; null when a unit occurs twice or a part is
 * invalid.
 */
function byUnit(
  parts: readonly ({ unit: DateUnit; value: number } | null)[],
): { units: DateUnit[]; values: number[] } | null {
  const order: readonly DateUnit[] = ["year", "month", "day"];
  const sorted = order
    .flatMap((unit) => parts.filter((part) => part?.unit === unit))
    .filter((part) => part !== null);
  const units = sorted.map(({ unit }) => unit);
  if (units.length !== parts.length || new Set(units).size !== units.length) return null;
  return { units, values: sorted.map(({ value }) => value) };
}

/**
 * Both ends are included. A range whose end comes before its start wraps over midnight, the weekend
 * or the turn of the year.
 */
function isBetween(
  value: readonly number[],
  from: readonly number[],
  to: readonly number[],
  mayWrap: boolean,
): boolean {
  const after = compare(value, from) >= 0;
  const before = compare(value, to) <= 0;
  return compare(from, to) <= 0 ? after && before : mayWrap && (after || before);
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
