// Writes tests/data/histogram.jsonl from Grafana's own package; see README.md.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

process.env.TZ = 'UTC';
// The package asks the browser for its language when it is loaded; Node before 21 has no navigator.
const language = { language: 'en-US', languages: ['en-US'], userAgent: '' };
Object.defineProperty(globalThis, 'navigator', { value: language, configurable: true });

const grafana = require('@grafana/data');
const { version } = require('@grafana/data/package.json');

const OUT = path.resolve(process.argv[2] ?? path.join(__dirname, '..', '..', 'tests', 'data'));

/** Park and Miller's generator: the same numbers in every run. */
const random = (seed) => {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};

/** Few digits, as in samples that people measure; the rounding of long ones is not what is compared. */
const round = (value, digits) => Number(value.toPrecision(digits));

const cases = [];
const add = (name, series, options = {}) => cases.push({ name, series, options });

add('nothing but one value', [[42]]);
add('one value many times', [[5, 5, 5, 5]]);
add('a zero', [[0]]);
add('a negative value', [[-7.5]]);
add('two values', [[1, 2]]);
add('whole numbers', [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]]);
add('tenths', [[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]]);
add('below and above zero', [[-3, -2, -1, 0, 1, 2, 3]]);
add('far apart', [[0, 1_000_000]]);
add('close together, far from zero', [[1_000_000, 1_000_001, 1_000_002]]);
add('gaps', [[1, null, 3, null, 5]]);
add('two series', [[1, 2, 3], [2, 3, 4]]);
add('two series in other ranges', [[1, 2, 3], [100, 200, 300]]);
add('two series combined', [[1, 2, 3], [2, 3, 4]], { combine: true });
add('a size', [[1, 2, 3, 4, 5, 6]], { bucketSize: 2 });
add('a size that is no whole number', [[0.3, 0.6, 0.9, 1.2]], { bucketSize: 0.3 });
add('a size beyond the range', [[1, 2, 3]], { bucketSize: 100 });
add('a count', [[1, 2, 3, 4, 5, 6, 50]], { bucketCount: 10 });
add('a count of one', [[1, 2, 3, 4, 5, 6, 50]], { bucketCount: 1 });
add('a size and a count', [[1, 2, 3, 4, 5, 6, 50]], { bucketSize: 3, bucketCount: 10 });

for (let seed = 1; seed <= 120; seed++) {
  const next = random(seed * 7919);
  const scale = 10 ** Math.floor(next() * 12 - 5);
  const from = next() < 0.3 ? -scale : next() < 0.5 ? 0 : scale * Math.floor(next() * 10);
  const digits = 1 + Math.floor(next() * 4);
  const length = 2 + Math.floor(next() * 60);
  const count = 1 + Math.floor(next() * 3);
  const one = () => Array.from({ length }, () => round(from + scale * next(), digits));
  const options = {};
  if (next() < 0.3) {
    options.bucketCount = [5, 10, 20, 50][Math.floor(next() * 4)];
  }
  if (count > 1 && next() < 0.4) {
    options.combine = true;
  }
  add(`random ${seed}`, Array.from({ length: count }, one), options);
}

const lines = cases.map(({ name, series, options }) => {
  const frames = series.map((values, index) => ({
    length: values.length,
    fields: [{ name: `s${index}`, type: 'number', config: {}, values }],
  }));
  const histogram = grafana.buildHistogram(frames, options);
  const buckets = histogram && {
    from: Array.from(histogram.xMin.values),
    to: Array.from(histogram.xMax.values),
    counts: histogram.counts.map((field) => Array.from(field.values)),
  };
  return JSON.stringify({ name, series, options, buckets: buckets ?? null });
});
const source = `# From @grafana/data ${version} by scripts/histogram/generate.cjs; do not edit.`;
fs.writeFileSync(path.join(OUT, 'histogram.jsonl'), [source, ...lines, ''].join('\n'));
console.log(`histogram.jsonl: ${lines.length} cases`);
