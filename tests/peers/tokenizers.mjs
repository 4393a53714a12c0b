// Opens a tokenizer folder with the originals and prints what they make of strings, one JSON object on standard output.
// node tests/peers/tokenizers.mjs FOLDER < {"strings": [...], "conversations": [[{role, content}, ...], ...]}
// Needs: npm install tokenizers@0.23.2 @huggingface/jinja, in a folder named by ATHANOR_PEERS (which holds node_modules) or above this file.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const require = createRequire(process.env.ATHANOR_PEERS ? join(process.env.ATHANOR_PEERS, 'peers.cjs') : import.meta.url);
const { Tokenizer } = require('tokenizers');
const { Template } = require('@huggingface/jinja');

const folder = process.argv[2];
const { strings, conversations } = JSON.parse(readFileSync(0, 'utf8'));
const tokenizer = Tokenizer.fromFile(join(folder, 'tokenizer.json'));
const template = new Template(JSON.parse(readFileSync(join(folder, 'tokenizer_config.json'), 'utf8')).chat_template);

const encoded = [];
for (const string of strings) {
  const ids = (await tokenizer.encode(string, null, { addSpecialTokens: false })).getIds();
  encoded.push({ ids, decoded: await tokenizer.decode(ids, false), decoded_skip: await tokenizer.decode(ids, true) });
}

const rendered = conversations.flatMap(messages => [false, true].map(add_generation_prompt => template.render({ messages, add_generation_prompt })));
process.stdout.write(JSON.stringify({ encoded, rendered }));
