import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin, type Rolldown } from 'vite';

/** All that is needed beyond the sign-in form. */
const application = 'main';

/**
 * Two pages of one source. `index.html` is for a browser that brings a session: it opens the console, whose files it
 * fetches at once. `sign-in.html` is for any other: it shows the form, whose script fetches them when all else is done.
 */
function pages(): Plugin {
  return {
    name: 'pages',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') throw new Error('There is no page.');
      const html = String(page.source);
      const files = filesOf(application, bundle);
      page.source = withLinks(html, files, (file) =>
        file.endsWith('.css') ? 'rel="preload" as="style"' : 'rel="modulepreload"',
      );
      const form = changed(
        changed(html, '<div id="root">', '<div id="root" hidden>'),
        ' class="sign-in" hidden',
        ' class="sign-in"',
      );
      this.emitFile({
        type: 'asset',
        fileName: 'sign-in.html',
        source: withLinks(form, files, () => 'rel="later"'),
      });
    },
  };
}

/** The file of a chunk, those that it imports, and their styles. */
function filesOf(name: string, bundle: Rolldown.OutputBundle): string[] {
  const found = new Set<string>();
  const add = (file: string) => {
    const chunk = bundle[file];
    if (chunk?.type !== 'chunk' || found.has(file)) return;
    found.add(file);
    for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
    chunk.imports.forEach(add);
  };
  for (const [file, chunk] of Object.entries(bundle)) if (chunk.name === name) add(file);
  if (found.size === 0) throw new Error(`There is no file of ${name}.`);
  return [...found];
}

function withLinks(html: string, files: readonly string[], relation: (file: string) => string): string {
  const links = files
    .filter((file) => !html.includes(file))
    .map((file) => `    <link ${relation(file)} crossorigin href="/console/${file}">\n`);
  return changed(html, '  </head>', `${links.join('')}  </head>`);
}

function changed(html: string, text: string, replacement: string): string {
  if (html.split(text).length !== 2) throw new Error(`The page must have ${text} once.`);
  return html.replace(text, replacement);
}

/** Every file beside its compressed forms, so that the server compresses nothing. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    writeBundle({ dir = '' }) {
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(?:js|css|html)$/.test(entry.name)) continue;
        const file = join(entry.parentPath, entry.name);
        const content = readFileSync(file);
        writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { 1: 9 } }));
        writeFileSync(`${file}.gz`, gzipSync(content));
      }
    },
  };
}

export default defineConfig({
  base: '/console/',
  plugins: [pages(), compressed()],
  build: {
    target: 'es2023',
    emptyOutDir: true,
    // A file in the page's own text would be refused by its policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      output: {
        // One file for each set of pages that share something would make twenty for the first screen.
        codeSplitting: { groups: [{ name: 'shared', test: /node_modules/, minShareCount: 2 }] },
      },
    },
  },
});
