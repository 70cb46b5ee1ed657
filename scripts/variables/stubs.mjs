// Lets single files of @grafana/scenes be loaded under plain Node: packages that draw or talk are replaced by nothing.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const REAL = new Set(['@grafana/data', '@grafana/schema', 'lodash', 'rxjs']);
const scenes = new URL('./node_modules/@grafana/scenes/dist/esm/', import.meta.url);

/** What the files of scenes import by name from each package: a stub must export just that. */
const names = new Map();
for (const file of readdirSync(scenes, { recursive: true })) {
  if (!file.endsWith('.js')) continue;
  const text = readFileSync(new URL(file, scenes), 'utf8');
  for (const [, what, from] of text.matchAll(/import\s+([^;]*?)\s+from\s+'([^.'][^']*)'/g)) {
    const known = names.get(from) ?? new Set();
    for (const [, name] of (what.match(/\{([^}]*)\}/)?.[1] ?? '').matchAll(/(\w+)(?:\s+as\s+\w+)?/g)) known.add(name);
    names.set(from, known);
  }
}

export async function resolve(specifier, context, next) {
  const isScenes = context.parentURL?.startsWith(scenes.href);
  if (isScenes && !specifier.startsWith('.') && !REAL.has(specifier)) {
    return { url: `stub:${specifier}`, shortCircuit: true };
  }
  if (isScenes && REAL.has(specifier)) {
    return { url: `real:${specifier}`, shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  const of = (scheme) => [...(names.get(url.slice(scheme.length)) ?? [])].filter((name) => name !== 'default');
  if (url.startsWith('stub:')) {
    const nothing = `const nothing = new Proxy(function () {}, {
      get: (_, key) => key === Symbol.toPrimitive ? () => '' : key === 'prototype' ? {} : nothing,
      apply: (_, self, args) => typeof args[1] === 'string' ? args[1] : nothing, construct: () => ({}) });`;
    const exports = of('stub:').map((name) => `export const ${name} = nothing;`);
    return { format: 'module', source: [nothing, ...exports, 'export default nothing;'].join('\n'), shortCircuit: true };
  }
  if (url.startsWith('real:')) {
    const name = url.slice('real:'.length);
    const exports = of('real:').map((one) => `export const ${one} = all.${one};`);
    const main = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), 'generate.mjs');
    const source = `import { createRequire } from 'node:module';
      const all = createRequire(${JSON.stringify(main)})(${JSON.stringify(name)});
      ${exports.join('\n')}\nexport default all;`;
    return { format: 'module', source, shortCircuit: true };
  }
  if (url.startsWith(scenes.href)) {
    return { format: 'module', source: readFileSync(new URL(url), 'utf8'), shortCircuit: true };
  }
  return next(url, context);
}
