// Writes tests/data/variables.tsv from Grafana's own packages; see README.md.
import { writeFileSync } from 'node:fs';
import { createRequire, Module, register } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

process.env.TZ = 'UTC';
const language = { language: 'en-US', languages: ['en-US'], userAgent: '' };
Object.defineProperty(globalThis, 'navigator', { value: language, configurable: true });
// Asked for when a file of scenes is loaded, and never used.
globalThis.IntersectionObserver = class {};
register('./stubs.mjs', import.meta.url);

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
// The one thing that escaping.cjs takes from the runtime is the set of feature toggles.
const load = Module._load;
Module._load = (name, ...rest) =>
  name === '@grafana/runtime' ? { config: { featureToggles: {} } } : load(name, ...rest);
const folderOf = (name) => path.join(here, 'node_modules', '@grafana', name);
const { interpolateQueryExpr } = require(path.join(folderOf('prometheus'), 'dist', 'cjs', 'escaping.cjs'));
const { dateTime } = require('@grafana/data');
const versions = ['data', 'scenes', 'prometheus'].map((name) => `@grafana/${name} ${require(path.join(folderOf(name), 'package.json')).version}`);

const esm = (file) => import(path.join(folderOf('scenes'), 'dist', 'esm', 'variables', file));
const { sceneInterpolator } = await esm('interpolation/sceneInterpolator.js');
const { CustomVariable } = await esm('variants/CustomVariable.js');
const { metricNamesToVariableValues } = await esm('variants/query/utils.js');

const FROM_MS = 1_780_000_000_123;
const TO_MS = 1_780_003_600_000;
const timeRange = {
  state: { value: { from: dateTime(FROM_MS), to: dateTime(TO_MS) } },
  getTimeZone: () => 'utc',
};

/** What is written into the table: name, multi, includeAll, allValue, options, chosen values ('*' for all). */
const VARIABLES = [
  ['one', false, false, '', 'web,db', ['web']],
  ['odd', false, false, '', "a'b\\,c", ["a'b"]],
  ['quote', false, false, '', 'a"b', ['a"b']],
  ['slash', false, false, '', 'C:\\dir', ['C:\\dir']],
  ['dots', true, false, '', 'a.b,c+d', ['a.b']],
  ['both', true, false, '', 'a.b,c|d', ['a.b', 'c|d']],
  ['many', true, true, '', 'x,y z,ü&?', ['x', 'y z', 'ü&?']],
  ['all', true, true, '', 'h1:9100,h2:9100', ['*']],
  ['custom', true, true, '.+', 'h1,h2', ['*']],
  ['nested', true, true, '$one-.*', 'h1,h2', ['*']],
  ['named', true, false, '', 'First : 1, Second : 2', ['1', '2']],
  ['single_all', false, true, '', 'p,q', ['p']],
  ['marks', true, false, '', "it's,say \"hi\"", ["it's", 'say "hi"']],
  ['meta', true, false, '', '^$*{}[]+?.()|/\\', ['^$*{}[]+?.()|/\\']],
];

const variables = new Map();
for (const [name, isMulti, includeAll, allValue, query, chosen] of VARIABLES) {
  const variable = new CustomVariable({ name, isMulti, includeAll, allValue, query });
  const options = variable.transformCsvStringToOptions(query, false);
  const of = (value) => options.find((option) => option.value === value)?.label ?? value;
  const isAll = chosen[0] === '*';
  variable.setState({
    options,
    value: isAll ? (isMulti ? ['$__all'] : '$__all') : isMulti ? chosen : chosen[0],
    text: isAll ? (isMulti ? ['All'] : 'All') : isMulti ? chosen.map(of) : of(chosen[0]),
  });
  variables.set(name, variable);
}
const scene = { state: { $variables: { getByName: (name) => variables.get(name) ?? null }, $timeRange: timeRange } };

/** Grafana hands the definition of the variable to the data source's function in its own words. */
const promql = (value, variable) => interpolateQueryExpr(value, variable);

// Said of formats that it does not know; which text comes of them is what counts.
console.error = () => {};

const rows = [];
const row = (...cells) => rows.push(cells.map((cell) => JSON.stringify(cell)).join('\t'));

for (const definition of VARIABLES) row('variable', ...definition);

const FORMATS = [
  'raw', 'regex', 'pipe', 'csv', 'glob', 'json', 'text', 'queryparam', 'singlequote', 'doublequote', 'sqlstring',
  'lucene', 'html', 'percentencode', 'uriencode', 'distributed', 'join', 'join:-', 'customqueryparam',
  'customqueryparam:p', 'customqueryparam:p:v-', 'nonsense',
];
const texts = [];
for (const [name] of VARIABLES) {
  texts.push(`$${name}`, `\${${name}}`, `[[${name}]]`, `a$${name}.b`, ...FORMATS.map((format) => `\${${name}:${format}}`));
}
texts.push(
  '[[one:pipe]]', '[[both:csv]]', '$ones', '$one$dots', '${one}s', '$none', '${none:regex}', '[[none]]', '$1', '${1}',
  'label_replace(up, "a", "$1", "b", "(.*)$")', '${', '$', '[[one]', '${one', '$$one', '\\$one', '${one:}', '$__from',
  '${__from}', '${__to}', '${__from:date}', '${__from:date:iso}', '${__from:date:seconds}', '${__from:date:ms}',
  '${__from:date:YYYY-MM}', '${__to:date:YYYY-MM-DD HH:mm:ss}', '${__from:date:dddd, MMMM Do}', '[[__to]]',
  'rate(x{i=~"$both", j="$odd"}[5m])',
);
for (const text of texts) {
  // `text` of a multi-value variable that has `$__all` inside is what the bar shows.
  row('text', text, 'promql', sceneInterpolator(scene, text, undefined, (value, variable) => promql(value, variable)));
  row('text', text, 'glob', sceneInterpolator(scene, text));
  row('text', text, 'text', sceneInterpolator(scene, text, undefined, 'text'));
}

const LISTS = {
  plain: ['web-1', 'web-2', 'db-1', 'Web-3', 'x'],
  results: [
    'up{instance="h1:9100",job="node"} 1 1780000000000', 'up{instance="h2:9100",job="node"} 0 1780000000000',
    'up{instance="h3:80",job="api"} 1 1780000000000',
  ],
  sorted: ['b10', 'a', 'B2', 'A', 'b2', 'c', '10', '9', '1.5', '', 'a-1', 'a_1', 'a1', 'item 12', 'item 2', 'b02'],
  braces: ['{a}', '{b}', '[c]', 'a/b', 'tab\there', '12:34', 'é', 'naïve', 'a\nb'],
  list: ['a,b;c,d', 'e', 'f,g'],
};
const REGEXES = [
  '', '/web/', 'web', 'web-.*', '/WEB/i', '/web-(\\d)/', '/(web|db)-(\\d)/', '/^(?!web)/', '/^(?!web).*$/', '/(?<=web-)\\d/',
  '/.*(?<=web-)(\\d)/', '/(?<text>\\w+)-(?<value>\\d)/', '/(?<value>\\w+)/', '/(?<text>\\w+)/', '/([a-z])/g', '/[a-z]-/g',
  '/(\\d)?/g', '/.*instance="([^"]*).*/', '/.*instance="(?<value>[^"]*)".*job="(?<text>[^"]*)".*/', '/.*job="([^"]*)".*/',
  '/.*{instance="([^"]*)"/', '/} ([01]) /', '/\\{(.*)\\}/', '/{(.)}/', '/[[](.)[\\]]/', '/a\\/b/', '/a/b/', '/\\t/', '/\\u00e9/',
  '/\\x7ba/', '/^.$/', '/^\\w+$/', '/^\\W$/', '/\\bn/', '/[\\w-]+/', '/[^\\d]/', '/(a)|(b)/', '/(.)\\1/', '/^(?:web|db)-[12]$/',
  '/.{5}/', '/.{2,3}$/', '/a{,2}/', '/[a-c]+/', '/(.*):(.*)/', '/^([^:]+):.*$/', '/a.b/', '/a.b/s', '/^b/m', '/[^]/', '/a$/m',
  '/([^,;]+)/g', '/(?<value>[^,;]+)/g', '/x*/', '/(x*)/g',
];
for (const [name, list] of Object.entries(LISTS)) row('list', name, list);
for (const [name, list] of Object.entries(LISTS)) {
  for (const regex of name === 'sorted' ? [''] : REGEXES) {
    for (const sort of name === 'sorted' ? [0, 1, 2, 3, 4, 5, 6, 7, 8] : [0]) {
      const metricNames = list.map((text) => ({ text }));
      const found = metricNamesToVariableValues({ variableRegEx: regex, sort, metricNames });
      row('options', name, regex, sort, found.map(({ value, label }) => [value, label]));
    }
  }
}
const CUSTOM = ['a,b', ' a , b ', 'a\\,b,c', 'A : 1,B : 2', 'a:1', 'x : y : z', '', ',a,,b', 'http://h:1', ' : a', 'a : '];
for (const query of CUSTOM) {
  const options = new CustomVariable({ name: 'c', query }).transformCsvStringToOptions(query, false);
  row('custom', query, options.map(({ value, label }) => [value, label]));
}

const out = path.resolve(process.argv[2] ?? path.join(here, '..', '..', 'tests', 'data'));
const head = [`# From ${versions.join(', ')} by scripts/variables/generate.mjs; do not edit.`, '# each cell is JSON'];
writeFileSync(path.join(out, 'variables.tsv'), [...head, ...rows, ''].join('\n'));
console.log(`variables.tsv: ${rows.length} rows`);
