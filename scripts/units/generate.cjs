// Writes tests/data/units.tsv, reducers.tsv and mappings.tsv from Grafana's own package; see README.md.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

// Texts must not depend on who runs this, where and when.
process.env.TZ = 'UTC';
const NOW_MS = 1_780_000_000_000;
Date.now = () => NOW_MS;
// The package asks the browser for its language when it is loaded; Node before 21 has no navigator.
const language = { language: 'en-US', languages: ['en-US'], userAgent: '' };
Object.defineProperty(globalThis, 'navigator', { value: language, configurable: true });

const grafana = require('@grafana/data');
const { version } = require('@grafana/data/package.json');
// Not among what the package exports by name.
const folder = path.dirname(require.resolve('@grafana/data/package.json'));
const { getValueMappingResult } = require(path.join(folder, 'dist', 'cjs', 'utils', 'valueMappings.cjs'));

const OUT = path.resolve(process.argv[2] ?? path.join(__dirname, '..', '..', 'tests', 'data'));
const dense = process.argv.includes('--dense');
const theme = grafana.createTheme();

/** A value as Rust reads it. */
const written = (value) => (Object.is(value, -0) ? '-0' : String(value));

function write(name, columns, rows) {
  const source = `# From @grafana/data ${version} by scripts/units/generate.cjs; do not edit.`;
  const lines = rows.map((row) => {
    if (row.some((cell) => /[\t\n]/.test(cell))) {
      throw new Error(`a cell of ${name} holds a tab or a line break: ${JSON.stringify(row)}`);
    }
    return row.join('\t');
  });
  fs.writeFileSync(path.join(OUT, name), [source, `# ${columns}`, ...lines, ''].join('\n'));
  console.log(`${name}: ${rows.length} rows`);
}

// Units -------------------------------------------------------------------------------------------------------------

/** What a panel shows: Grafana's display processor, which has the unit write what is a number. */
function shown(unit, decimals, value) {
  const field = { name: 'v', type: grafana.FieldType.number, config: { unit, decimals }, values: [value] };
  return grafana.formattedValueToString(grafana.getDisplayProcessor({ field, theme, timeZone: 'utc' })(value));
}

const FORMS = [
  '', 'farenheit', 'cats', 'errps', 'foo:bar', ':x', 'prefix:~', 'prefix:', 'suffix:cats', 'suffix:',
  'time:YYYY-MM-DD', 'time:YY/M/D H:m:s.SSS', 'time:dddd, MMMM Do hh:mm A', 'time:[at] ddd D MMM x X',
  'si:mV', 'si:kA', 'si:V', 'si:µF', 'si:foo', 'si:', 'count:dogs', 'count:',
  'currency:Kr', 'currency:', 'currency:financial:€', 'currency:financial:€:suffix', 'currency:financial:',
  'currency:financial:$:prefix', 'bool:up/down', 'bool:yes', 'bool:',
];
const IDS = grafana.getValueFormats().flatMap((category) => category.submenu.map(({ value }) => value)).concat(FORMS);

/** One id of each way to write a value: these get every value. */
const KINDS = [
  'none', 'string', 'short', 'sishort', 'percent', 'percentunit', 'humidity', 'hex0x', 'hex', 'sci', 'locale',
  'currencyUSD', 'currencySEK', 'currency:financial:$', 'currency:financial:€:suffix', 'bytes', 'kbytes', 'decbytes',
  'decmbytes', 'bits', 'binBps', 'Bps', 'bps', 'MiBs', 'watt', 'mwatt', 'pressurepsi', 'ns', 'µs', 'ms', 's', 'm',
  'h', 'd', 'dtdurations', 'dtdurationms', 'dthms', 'dtdhms', 'timeticks', 'clocks', 'clockms', 'ops', 'bool',
  'dateTimeAsIso', 'dateTimeFromNow', 'cats', 'si:mV', 'prefix:~',
];
const isDate = (id) => /^(dateTime|time:)/.test(id);
const DATES = [0, 1, NOW_MS, NOW_MS + 123, NOW_MS - 86_400_000, 951_782_399_999, -1, 4_102_444_800_000, 1e13];
const AGES = [
  0, 1, 44, 45, 89, 90, 150, 2_669, 2_670, 5_399, 5_400, 9_000, 77_399, 77_400, 90_000, 129_599, 129_600, 864_000,
  2_246_399, 2_246_400, 2_592_000, 3_888_000, 15_552_000, 27_648_000, 31_536_000, 47_304_000, 94_608_000,
].flatMap((seconds) => [NOW_MS - seconds * 1000, NOW_MS + seconds * 1000]);
const FEW = [0, 1, 12.345, 999.5, 1023.9, 1_234_567.891, -2048.5, 0.00123];
const MANY = [
  0, -0, 1, -1, 2, 0.5, 0.1 + 0.2, 1.005, 2.25, 2.26, 9.995, 12.345, 59.99, 59.9999, 60, 61, 90, 99.95, 99.995, 100,
  123.456, 255, 255.5, 999, 999.5, 999.9999, 1000, 1001, 1023, 1023.9, 1024, 1536, 3599.99, 3600, 5400, 65_535, 86_399,
  86_400, 90_061.5, 604_800, 999_999, 1e6, 1_048_575, 1_048_576, 1_234_567.891, 31_535_999, 31_536_000, 31_556_900,
  1e9, 1_073_741_824, 1.5e9, 1e12, 1e15, 1.23e20, 1e21, 1.5e24, 1e27, 1.25e28, 0.1, 0.05, 0.01, 0.001, 0.00123, 1e-4,
  5.5e-7, 1e-7, 1.2e-9, 1e-12, 3e-20, -12.5, -90, -1234, -2048.5, -0.004, -90_061, -1e12,
];
const NO_NUMBERS = [NaN, Infinity, -Infinity, null];

function units() {
  const rows = [];
  const add = (id, value, decimals) =>
    rows.push([id, written(value), decimals === undefined ? '' : String(decimals), shown(id, decimals, value)]);
  // As many as one likes, reproducibly.
  let seed = 7;
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const noise = Array.from({ length: 200 }, () => (random() - 0.3) * 10 ** Math.floor(random() * 28 - 10));
  for (const id of new Set([...IDS, ...KINDS])) {
    const isKind = KINDS.includes(id);
    let values = isKind || dense ? MANY : FEW;
    if (isDate(id)) {
      values = id === 'dateTimeFromNow' ? AGES : DATES;
    }
    values.forEach((value, index) => {
      add(id, value, undefined);
      if (dense) {
        [0, 1, 2, 3, 5, 7].forEach((decimals) => add(id, value, decimals));
      } else if (!isDate(id) && index % (isKind ? 3 : 4) === 2) {
        // All numbers of decimals meet values of all sizes, though not each meets each.
        add(id, value, [0, 1, 2, 5][index % 4]);
      }
    });
    if (dense && !isDate(id)) {
      noise.forEach((value) => [undefined, 0, 2].forEach((decimals) => add(id, value, decimals)));
    }
    if (isKind) {
      NO_NUMBERS.forEach((value) => add(id, value, undefined));
    }
  }
  write('units.tsv', 'unit, value, decimals (none: automatic), text', rows);
}

// Reducers ----------------------------------------------------------------------------------------------------------

const LISTS = [
  [], [null], [null, null], [NaN], [NaN, null], [0], [0, 0, 0], [-0, 0], [5], [-5], [1, 2, 3, 4], [4, 3, 2, 1],
  [1, 1, 2, 2, 1, 1], [0, null, 0], [null, 1, 2, null], [1, null, 3], [null, NaN, 7, NaN, null], [1, NaN, 3],
  [NaN, 2, 4], [2, 4, NaN], [1, NaN, NaN, 2], [0, NaN], [-3, 0, 3], [-1, -2, -8], [10, 20, 5, 6, 7, 30],
  [10, 5, 20, 25, 1, 2, 3], [1, 2, 0, 0, 4, 5], [0.1, 0.2, 0.3], [1e300, 1e300], [1e308, 1e308, 1e308],
  [1, 1e100, 1, -1e100], [Infinity, 1], [1, -Infinity], [Infinity, -Infinity], [Infinity, Infinity], [3, 1, 2],
  [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], Array.from({ length: 101 }, (_, index) => index),
  Array.from({ length: 60 }, (_, index) => ((index * 37) % 61) - 20), [0, 10], [10, 0], [100, 150], [-100, 150],
  [5e-324, 1], [0.5, null, null, 2.5, 8, null],
];

function reducers() {
  const rows = [];
  for (const reducer of grafana.fieldReducers.list()) {
    // Ninety-nine of one kind; some will do.
    if (/^p\d+$/.test(reducer.id) && !/^p([1579]|10|25|50|75|9[059])$/.test(reducer.id)) {
      continue;
    }
    for (const id of new Set([reducer.id, ...(reducer.aliasIds ?? [])])) {
      for (const values of LISTS) {
        const field = { name: 'v', type: grafana.FieldType.number, config: {}, values };
        const value = grafana.reduceField({ field, reducers: [id] })[reducer.id];
        const text = Array.isArray(value) ? `[${value.map(written)}]` : written(value ?? null);
        rows.push([id, reducer.preservesUnits ? 'unit' : '', values.map(written).join(' '), text]);
      }
    }
  }
  write('reducers.tsv', 'reducer, whether it keeps the unit, values, value', rows);
}

// Mappings ----------------------------------------------------------------------------------------------------------

const result = (text) => ({ text, index: 0 });
const special = (match) => ({ type: 'special', options: { match, result: result(match) } });
const range = (from, to) => ({ type: 'range', options: { from, to, result: result('in') } });
const regex = (pattern, text) => ({ type: 'regex', options: { pattern, result: result(text) } });
const value = (key) => ({ type: 'value', options: { [key]: result('hit') } });
const MAPPINGS = [
  ...['null', 'nan', 'null+nan', 'true', 'false', 'empty'].map(special),
  range(1, 5), range(null, 5), range(1, null), range(null, null), range(-0.5, -0.25),
  value('0'), value('1'), value('1.5'), value('up'), value('true'), value('NaN'), value('1e+21'),
  regex('up|down', 'state'), regex('(\\w+)-(\\d+)', '$2 of $1'), regex('/o/', '0'), regex('/o/g', '0'),
  regex('/^UP$/i', '<$&>'), regex('(?<name>[a-z]+)\\.svc', '$<name>'), regex('1|NaN|null', 'number'),
  regex('/up/', '$$5 $9'), regex('/$/', '!'), regex('/p/', "[$`|$']"),
];
const MAPPED = [
  null, NaN, 0, -0, 1, 1.5, 5, 5.1, -0.3, 1e21, Infinity, -Infinity, '', 'up', 'UP', 'foo', 'foo boo', 'web-12',
  'api.svc', 'true', 'false', '1', '1.5', '3 apples', 'NaN', 'startup',
];

function mappings() {
  const rows = [];
  for (const mapping of MAPPINGS) {
    for (const each of MAPPED) {
      const mapped = getValueMappingResult([mapping], each)?.text;
      const kind = typeof each === 'string' ? 'text' : 'number';
      rows.push([JSON.stringify(mapping), kind, written(each), mapped === undefined ? '' : `=${mapped}`]);
    }
  }
  write('mappings.tsv', 'mapping, kind of value, value, text after a "=" where it matches', rows);
}

units();
reducers();
mappings();
