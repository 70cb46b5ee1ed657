// Writes tests/data/transforms.jsonl from Grafana's own package; see README.md.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

process.env.TZ = 'UTC';
// The package asks the browser for its language when it is loaded; Node before 21 has no navigator.
const language = { language: 'en-US', languages: ['en-US'], userAgent: '' };
Object.defineProperty(globalThis, 'navigator', { value: language, configurable: true });

const grafana = require('@grafana/data');
// The one that the package itself depends on.
const grafanaFolder = path.dirname(require.resolve('@grafana/data/package.json'));
const { lastValueFrom } = require(require.resolve('rxjs', { paths: [grafanaFolder] }));
const { version } = require('@grafana/data/package.json');

const OUT = path.resolve(process.argv[2] ?? path.join(__dirname, '..', '..', 'tests', 'data'));

// Looked at for each transformation; there is no page.
globalThis.window = {};

grafana.standardTransformersRegistry.setInit(() =>
  [...new Set(Object.values(grafana.standardTransformers))].map((transformation) => ({
    id: transformation.id,
    name: transformation.name,
    transformation: async () => transformation,
  }))
);

// Data --------------------------------------------------------------------------------------------------------------

const time = (...values) => ({ name: 'Time', type: 'time', values });
const number = (name, values, labels) => ({ name, type: 'number', values, labels });
const string = (name, ...values) => ({ name, type: 'string', values });
const table = (refId, ...fields) => ({ refId, fields });
/** A series as the data source gives it: named by its legend. */
const series = (refId, legend, labels, times, values) => ({
  refId,
  fields: [time(...times), { ...number('Value', values, labels), source: legend }],
});

const T = 1_780_000_000_000;
const at = (...seconds) => seconds.map((second) => T + second * 1000);

/** Two tables, as instant queries in the format table bring them. */
const TABLES = () => [
  table('A', time(...at(0, 0, 0)), string('instance', 'a:1', 'b:1', 'c:1'), string('job', 'x', 'x', 'y'), number('Value #A', [1, 2.5, -3])),
  table('B', time(...at(0, 0, 0)), string('instance', 'b:1', 'c:1', 'd:1'), string('job', 'x', 'y', 'y'), number('Value #B', [20, NaN, 40])),
];
const ONE_TABLE = () => [
  table(
    'A',
    time(...at(0, 15, 30, 45, 60)),
    string('instance', 'b', 'a', 'B', null, 'ä'),
    string('job', 'x', 'y', 'x', 'y', 'x'),
    number('Value', [3, null, 1, -7, 100]),
    number('other', [0.5, 2, Infinity, NaN, -1])
  ),
];
const SERIES = () => [
  series('A', 'up{job="x"}', { __name__: 'up', job: 'x' }, at(0, 15, 30), [1, 2, 3]),
  series('A', 'up{job="y"}', { __name__: 'up', job: 'y' }, at(0, 15, 30), [10, NaN, 30]),
];
const GAPS = () => [
  series('A', 'a', { job: 'x' }, at(0, 15, 45), [1, 2, 4]),
  series('B', 'b', { job: 'x', code: '200' }, at(15, 30, 45), [20, 30, 40]),
];
/** Series without legends: their names come from their labels. */
const LABELLED = () => [
  { refId: 'A', fields: [time(...at(0, 15)), number('Value', [1, 2], { job: 'x' })] },
  { refId: 'A', fields: [time(...at(0, 15)), number('Value', [3, 4], { job: 'y' })] },
];
const NAMED_FRAMES = () => [
  { refId: 'A', name: 'first', fields: [time(...at(0, 15)), number('Value', [1, 2], { job: 'x', mode: 'idle' })] },
  { refId: 'B', name: 'second', fields: [time(...at(0, 15)), number('cpu', [3, 4], { job: 'y', mode: 'user' })] },
];
const EMPTY = () => [table('A', time(), string('job'), number('Value', []))];
const DUPLICATES = () => [
  table('A', string('job', 'x', 'x', 'y', 'z'), number('left', [1, 2, 3, 4])),
  table('B', string('job', 'x', 'y', 'y', 'w'), number('right', [10, 20, 30, 40])),
];
const SAME_NAMES = () => [table('A', number('n', [1, 2]), number('n', [3, 4]), string('n', 'a', 'b'))];
const SIGNS = () => [
  table('A', string('path', '/b', '_a', 'a-b', 'a_b', 'A1', 'a10', 'a2', '', 'é', 'Zz', 'a b', null), number('Value', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])),
];

// Cases: ours, and Grafana's ------------------------------------------------------------------------------------------

const cases = [];
function add(name, data, ours, ...theirs) {
  cases.push({ name, data, ours: Array.isArray(ours) ? ours : [ours], theirs });
}
const flags = (names) => Object.fromEntries(names.map((name) => [name, true]));

function organize(name, data, { include, exclude, order, rename }) {
  const options = {
    includeByName: include ? flags(include) : {},
    excludeByName: exclude ? flags(exclude) : {},
    indexByName: Object.fromEntries((order ?? []).map((field, index) => [field, index])),
    renameByName: rename ?? {},
  };
  add(`organize: ${name}`, data, { organize: { include, exclude, order, rename } }, { id: 'organize', options });
}
organize('excludes columns', TABLES, { exclude: ['Time', 'job'] });
organize('keeps columns', ONE_TABLE, { include: ['instance', 'other'] });
organize('orders some columns', ONE_TABLE, { order: ['other', 'job'] });
organize('renames columns', ONE_TABLE, { rename: { Value: 'Load', job: 'Job', nothing: 'x' } });
organize('does all at once', TABLES, {
  exclude: ['Time'], order: ['job', 'instance'], rename: { 'Value #A': 'A', 'Value #B': 'B' },
});
organize('names series by their legends', SERIES, { rename: { 'up{job="x"}': 'X' }, order: ['up{job="y"}'] });
organize('removes frames without columns', TABLES, { include: ['Value #B'] });
organize('tells columns of one name apart', SAME_NAMES, { rename: { 'n 2': 'second' } });
organize('takes labels for names', LABELLED, { rename: { 'x': 'X', '{job="x"}': 'Y', 'Value {job="x"}': 'Z' } });

const merge = (name, data) => add(`merge: ${name}`, data, 'merge', { id: 'merge', options: {} });
merge('two tables with labels in common', TABLES);
merge('one table', ONE_TABLE);
merge('series without labels in common', SERIES);
merge('series of different times', GAPS);
merge('nothing in common', () => [table('A', string('a', 'x')), table('B', string('b', 'x'))]);
merge('rows with equal keys', DUPLICATES);
merge('an empty table and a full one', () => [...EMPTY(), ...ONE_TABLE()]);
merge('nothing', () => []);
merge('null does not keep apart', () => [
  table('A', string('job', 'x'), number('v', [null])), table('B', string('job', 'x'), number('v', [2])),
]);
merge('three tables', () => [...TABLES(), table('C', string('job', 'x', 'y'), number('Value #C', [7, 8]))]);
merge('NaN equals nothing', () => [
  table('A', string('job', 'x'), number('v', [NaN])), table('B', string('job', 'x'), number('v', [NaN])),
]);

function filter(name, data, ours, include, exclude) {
  add(`filter: ${name}`, data, { filter: ours }, { id: 'filterFieldsByName', options: { include, exclude } });
}
filter('by names', ONE_TABLE, { include: ['instance', 'Value'] }, { names: ['instance', 'Value'] });
filter('by a pattern for whole names', ONE_TABLE, { include: 'o.*|Time' }, { pattern: 'o.*|Time' });
filter('by a pattern for parts', ONE_TABLE, { include: '/o/' }, { pattern: '/o/' });
filter('excludes a pattern', TABLES, { exclude: '/^Value/' }, undefined, { pattern: '/^Value/' });
filter('excludes names', SERIES, { exclude: ['up{job="x"}'] }, undefined, { names: ['up{job="x"}'] });
filter('both', ONE_TABLE, { include: '/./', exclude: ['job'] }, { pattern: '/./' }, { names: ['job'] });
filter('keeps no frame', ONE_TABLE, { include: ['nothing'] }, { names: ['nothing'] });
filter('Time means times', () => [table('A', { ...time(1), name: 't' }, number('v', [1]))], { include: ['Time'] }, { names: ['Time'] });
filter('Value means what is named as its series', () => [
  table('A', time(1), number('up', [1], { __name__: 'up' }), number('down', [2], { __name__: 'x' })),
], { include: ['Value'] }, { names: ['Value'] });

function groupBy(name, data, by, calcs) {
  const fields = Object.fromEntries(by.map((field) => [field, { operation: 'groupby', aggregations: [] }]));
  for (const [field, aggregations] of Object.entries(calcs)) {
    fields[field] = { operation: 'aggregate', aggregations };
  }
  add(`group_by: ${name}`, data, { group_by: { by, calcs } }, { id: 'groupBy', options: { fields } });
}
groupBy('sums', ONE_TABLE, ['job'], { Value: ['sum', 'mean', 'count', 'max'] });
groupBy('without figures', ONE_TABLE, ['job'], {});
groupBy('two columns', ONE_TABLE, ['instance', 'job'], { Value: ['lastNotNull'] });
groupBy('texts', ONE_TABLE, ['job'], { instance: ['lastNotNull', 'firstNotNull', 'count', 'distinctCount'] });
groupBy('times', ONE_TABLE, ['job'], { Time: ['min', 'max'] });
groupBy('several tables', TABLES, ['job'], { 'Value #A': ['sum'], 'Value #B': ['sum'] });
groupBy('a column that only one table has', TABLES, ['Value #A'], { job: ['lastNotNull'] });
groupBy('percentiles and counts', ONE_TABLE, ['job'], { Value: ['p50', 'median', 'countAll', 'range', 'diff'] });
groupBy('nothing to group', EMPTY, ['job'], { Value: ['sum'] });
groupBy('sums of texts', ONE_TABLE, ['job'], { instance: ['sum'] });
groupBy('whether all is zero', ONE_TABLE, ['job'], { Value: ['allIsZero'] });

function labels(name, data, ours, options) {
  add(`labels_to_fields: ${name}`, data, { labels_to_fields: ours }, { id: 'labelsToFields', options });
}
labels('all labels', SERIES, {}, {});
labels('one label', SERIES, { keep: ['job'] }, { keepLabels: ['job'] });
labels('a label names the values', SERIES, { value_label: 'job' }, { valueLabel: 'job' });
labels('in rows', SERIES, { mode: 'rows' }, { mode: 'rows' });
labels('one in rows', GAPS, { mode: 'rows', keep: ['code'] }, { mode: 'rows', keepLabels: ['code'] });
labels('several values of one label', () => [
  table('A', time(1, 2), number('a', [1, 2], { env: 'p', job: 'x' }), number('b', [3, 4], { env: 'p', job: 'y' })),
], {}, {});
labels('a table has none', ONE_TABLE, {}, {});

function join(name, data, ours, options) {
  add(`join: ${name}`, data, { join: ours }, { id: 'joinByField', options });
}
join('series of equal times', SERIES, { by: 'Time' }, { byField: 'Time', mode: 'outer' });
join('series of different times', GAPS, { by: 'Time' }, { byField: 'Time', mode: 'outer' });
join('by the time where nothing is said', GAPS, {}, { mode: 'outer' });
join('only common times', GAPS, { by: 'Time', mode: 'inner' }, { byField: 'Time', mode: 'inner' });
join('tables by a label', TABLES, { by: 'instance' }, { byField: 'instance', mode: 'outer' });
join('tables by a label, common rows', TABLES, { by: 'instance', mode: 'inner' }, { byField: 'instance', mode: 'inner' });
join('rows that occur twice', DUPLICATES, { by: 'job', mode: 'inner' }, { byField: 'job', mode: 'inner' });
join('rows that occur twice, outer', DUPLICATES, { by: 'job' }, { byField: 'job', mode: 'outer' });
join('frames with names', NAMED_FRAMES, { by: 'Time' }, { byField: 'Time', mode: 'outer' });
join('a frame without the column', () => [...SERIES(), table('C', string('job', 'x'))], { by: 'Time' }, { byField: 'Time', mode: 'outer' });
join('a frame without the column, inner', () => [...SERIES(), table('C', string('job', 'x'))], { by: 'Time', mode: 'inner' }, { byField: 'Time', mode: 'inner' });
join('times out of order', () => [
  series('A', 'a', {}, at(30, 0, 15), [3, 1, 2]), series('B', 'b', {}, at(30, 0, 15), [30, 10, 20]),
], { by: 'Time' }, { byField: 'Time', mode: 'outer' });
join('one frame', ONE_TABLE, { by: 'job' }, { byField: 'job', mode: 'outer' });

for (const [name, data] of [['tables by a label', TABLES], ['rows that occur twice', DUPLICATES], ['series', GAPS]]) {
  const by = { 'tables by a label': 'instance', 'rows that occur twice': 'job', series: 'Time' }[name];
  join(`${name}, tabular`, data, { by, mode: 'outer-tabular' }, { byField: by, mode: 'outerTabular' });
}
join('three tables, tabular', () => [
  table('A', string('k', 'x', 'y', 'x'), number('a', [1, 2, NaN])),
  table('B', string('k', 'y', 'z'), number('b', [3, null])),
  table('C', string('k', 'x', null), string('c', 'p', 'q')),
], { by: 'k', mode: 'outer-tabular' }, { byField: 'k', mode: 'outerTabular' });

function binary(name, data, left, op, right, more = {}) {
  const options = {
    mode: 'binary', binary: { left, operator: op, right }, alias: more.name, replaceFields: more.replace,
  };
  add(`calculate: ${name}`, data, { calculate: { left, op, right, ...more } }, { id: 'calculateField', options });
}
binary('two columns', ONE_TABLE, 'Value', '+', 'other');
binary('a column and a number', ONE_TABLE, 'Value', '*', '8', { name: 'bits' });
binary('a number and a column', ONE_TABLE, '100', '-', 'other');
binary('null is 0', ONE_TABLE, 'Value', '/', 'other', { name: 'ratio' });
binary('instead of all else', ONE_TABLE, 'Value', '-', '1', { replace: true, name: 'less' });
binary('a column that is not there', ONE_TABLE, 'Value', '+', 'nothing');
binary('a column that is not there, instead of all else', ONE_TABLE, 'Value', '+', 'nothing', { replace: true });
binary('series are joined', SERIES, 'up{job="x"}', '/', 'up{job="y"}', { name: 'share' });
binary('series by a number are not', SERIES, 'up{job="x"}', '*', '2');
binary('series with gaps', GAPS, 'a', '+', 'b', { name: 'both', replace: true });

function row(name, data, reducer, of, more = {}) {
  const options = {
    mode: 'reduceRow', reduce: { reducer, include: of }, alias: more.name, replaceFields: more.replace,
  };
  add(`calculate: ${name}`, data, { calculate: { reduce: reducer, of, ...more } }, { id: 'calculateField', options });
}
row('the sum of a row', ONE_TABLE, 'sum');
row('the mean of some columns', ONE_TABLE, 'mean', ['Value', 'other'], { name: 'middle' });
row('the largest of joined series', GAPS, 'max', undefined, { replace: true });
row('a percentile of a row', SERIES, 'p99');
row('how many values a row has', ONE_TABLE, 'count');

const NUMBERS = () => [table('A', time(...at(0, 15, 30, 45, 60, 75, 90)), number('v', [1, 4, -2.5, 8, 8, 0, 3.25]), number('w', [1, 2, 3, 4, 5, 6, 7]))];
for (const operator of ['abs', 'exp', 'ln', 'floor', 'ceil']) {
  add(`calculate: ${operator}`, NUMBERS, { calculate: { unary: operator, field: 'v' } }, {
    id: 'calculateField', options: { mode: 'unary', unary: { operator, fieldName: 'v' } },
  });
}
add('calculate: unary of what is missing', ONE_TABLE, { calculate: { unary: 'exp', field: 'Value', name: 'e' } }, {
  id: 'calculateField', options: { mode: 'unary', unary: { operator: 'exp', fieldName: 'Value' }, alias: 'e' },
});
add('calculate: unary of texts', ONE_TABLE, { calculate: { unary: 'abs', field: 'job' } }, {
  id: 'calculateField', options: { mode: 'unary', unary: { operator: 'abs', fieldName: 'job' } },
});
for (const reducer of ['mean', 'variance', 'stdDev']) {
  for (const [size, windowSize, windowSizeMode] of [['3', 3, 'fixed'], ['4', 4, 'fixed'], ['50%', 0.5, 'percentage'], ['99', 99, 'fixed']]) {
    for (const align of ['trailing', 'centered']) {
      add(`calculate: ${align} ${reducer} of ${size}`, NUMBERS, { calculate: { window: reducer.toLowerCase(), field: 'v', size, align } }, {
        id: 'calculateField', options: { mode: 'windowFunctions', window: { reducer, field: 'v', windowSize, windowSizeMode, windowAlignment: align } },
      });
    }
  }
}
for (const reducer of ['sum', 'mean']) {
  add(`calculate: cumulative ${reducer}`, ONE_TABLE, { calculate: { cumulative: reducer, name: 'c' } }, {
    id: 'calculateField', options: { mode: 'cumulativeFunctions', cumulative: { reducer }, alias: 'c' },
  });
  add(`calculate: cumulative ${reducer} of one`, NUMBERS, { calculate: { cumulative: reducer, field: 'w' } }, {
    id: 'calculateField', options: { mode: 'cumulativeFunctions', cumulative: { reducer, field: 'w' } },
  });
}

function sort(name, data, field, desc = false) {
  add(`sort: ${name}`, data, { sort: (desc ? '-' : '') + field }, { id: 'sortBy', options: { sort: [{ field, desc }] } });
}
sort('numbers', () => [table('A', string('job', 'x', 'y', 'z', 'w'), number('Value', [3, -1, Infinity, 3]))], 'Value');
sort('numbers downwards', () => [table('A', string('job', 'x', 'y', 'z', 'w'), number('Value', [3, -1, Infinity, 3]))], 'Value', true);
sort('texts', ONE_TABLE, 'job');
sort('texts downwards', ONE_TABLE, 'job', true);
sort('texts of all signs', SIGNS, 'path');
sort('texts that are not there come last', ONE_TABLE, 'instance');
sort('times downwards', SERIES, 'Time', true);
sort('by a column that is not there', ONE_TABLE, 'nothing');
sort('null is 0', ONE_TABLE, 'Value');

function rename(name, data, regex, to) {
  add(`rename: ${name}`, data, { rename: { regex, to } }, { id: 'renameByRegex', options: { regex, renamePattern: to } });
}
rename('a part', ONE_TABLE, '/o(.)/', '<$1>');
rename('whole names', ONE_TABLE, '(.)al(.*)', '$2$1');
rename('all occurrences', ONE_TABLE, '/e/g', 'E');
rename('legends of series', SERIES, '/.*job="(.*)".*/', 'job $1');
rename('nothing that matches', ONE_TABLE, 'xyz', 'q');

function reduce(name, data, ours, options) {
  add(`reduce: ${name}`, data, { reduce: ours }, { id: 'reduce', options });
}
const calcs = (...calcs) => [{ calcs }, { reducers: calcs }];
reduce('series to rows', SERIES, ...calcs('lastNotNull', 'mean', 'max', 'count'));
reduce('a table to rows', () => [table('A', time(1), number('a', [1, 2]), number('b', [null, 4]))], ...calcs('min', 'sum'));
reduce('series with labels', GAPS, { calcs: ['lastNotNull'], labels: true }, { reducers: ['lastNotNull'], labelsToFields: true });
reduce('labels without legends', LABELLED, ...calcs('range', 'delta', 'step'));
reduce('all figures', GAPS, ...calcs(
  'lastNotNull', 'firstNotNull', 'min', 'max', 'mean', 'median', 'variance', 'stdDev', 'sum', 'count', 'countAll', 'range',
  'delta', 'step', 'diff', 'logmin', 'changeCount', 'distinctCount', 'diffperc', 'p1', 'p2', 'p3', 'p11', 'p21', 'p99'
));
reduce('to fields', SERIES, { calcs: ['max'], mode: 'fields' }, { reducers: ['max'], mode: 'reduceFields' });
reduce('to several fields', GAPS, { calcs: ['min', 'max'], mode: 'fields' }, { reducers: ['min', 'max'], mode: 'reduceFields' });
reduce('a table to fields', ONE_TABLE, { calcs: ['lastNotNull'], mode: 'fields' }, { reducers: ['lastNotNull'], mode: 'reduceFields' });
reduce('columns of several types to rows', ONE_TABLE, ...calcs('lastNotNull'));
reduce('no value is NaN', () => [table('A', number('a', [null, null]), number('b', [1, 2]))], ...calcs('max'));
reduce('nothing', () => [], ...calcs('max'));

for (const [name, data, rows] of [['fewer', ONE_TABLE, 2], ['more', ONE_TABLE, 50], ['each frame', SERIES, 1]]) {
  add(`limit: ${name}`, data, { limit: rows }, { id: 'limit', options: { limitField: rows } });
}

add(
  'chain: the table of two queries',
  TABLES,
  ['merge', { sort: '-Value #A' }, { organize: { exclude: ['Time'], rename: { 'Value #A': 'CPU', 'Value #B': 'Memory' } } }, { limit: 3 }],
  { id: 'merge', options: {} },
  { id: 'sortBy', options: { sort: [{ field: 'Value #A', desc: true }] } },
  { id: 'organize', options: { excludeByName: { Time: true }, indexByName: {}, renameByName: { 'Value #A': 'CPU', 'Value #B': 'Memory' } } },
  { id: 'limit', options: { limitField: 3 } }
);
add(
  'chain: series as a table of labels',
  SERIES,
  [{ reduce: { calcs: ['max', 'mean'], labels: true } }, { group_by: { by: ['__name__'], calcs: { Max: ['sum'] } } }],
  { id: 'reduce', options: { reducers: ['max', 'mean'], labelsToFields: true } },
  { id: 'groupBy', options: { fields: { __name__: { operation: 'groupby', aggregations: [] }, Max: { operation: 'aggregate', aggregations: ['sum'] } } } }
);
add(
  'chain: labels of series, merged',
  LABELLED,
  ['labels_to_fields', 'merge'],
  { id: 'labelsToFields', options: {} },
  { id: 'merge', options: {} }
);
add(
  'chain: a ratio of joined tables',
  TABLES,
  [{ join: { by: 'instance' } }, { calculate: { left: 'Value #A', op: '/', right: 'Value #B', name: 'ratio' } }],
  { id: 'joinByField', options: { byField: 'instance', mode: 'outer' } },
  { id: 'calculateField', options: { mode: 'binary', binary: { left: 'Value #A', operator: '/', right: 'Value #B' }, alias: 'ratio' } }
);

// Writing -----------------------------------------------------------------------------------------------------------

/** Frames as Grafana wants them. */
const theirFrames = (frames) =>
  frames.map(({ refId, name, fields }) => ({
    refId,
    name,
    length: Math.max(0, ...fields.map((field) => field.values.length)),
    fields: fields.map(({ source, ...field }) => ({ ...field, config: source ? { displayNameFromDS: source } : {} })),
  }));

/** JSON has no such numbers. */
const value = (one) => {
  if (typeof one === 'number' && !Number.isFinite(one)) {
    return { number: String(one) };
  }
  return one === undefined ? null : one;
};

const written = (frames) =>
  frames.map((frame) => ({
    ref: frame.refId,
    name: frame.name || undefined,
    fields: frame.fields.map((field) => {
      // Names that were remembered from before do not count.
      const { state, ...bare } = field;
      const others = frame.fields.map((other) => (other === field ? bare : { ...other, state: undefined }));
      const all = frames.map((other) => (other === frame ? { ...frame, fields: others } : { ...other, fields: other.fields.map((f) => ({ ...f, state: undefined })) }));
      const shown = grafana.getFieldDisplayName(bare, all[frames.indexOf(frame)], all);
      const labels = field.labels && Object.keys(field.labels).length > 0 ? field.labels : undefined;
      const source = field.config.displayNameFromDS;
      return { name: field.name, shown, source, type: field.type, labels, values: Array.from(field.values, value) };
    }),
  }));

async function main() {
  const lines = [];
  for (const { name, data, ours, theirs } of cases) {
    const result = await lastValueFrom(grafana.transformDataFrame(theirs, theirFrames(data())));
    lines.push(JSON.stringify({ name, transforms: ours, in: written(theirFrames(data())), out: written(result) }));
  }
  const source = `# From @grafana/data ${version} by scripts/transforms/generate.cjs; do not edit.`;
  fs.writeFileSync(path.join(OUT, 'transforms.jsonl'), [source, ...lines, ''].join('\n'));
  console.log(`transforms.jsonl: ${lines.length} cases`);
}

main();
