// What filling in a prompt costs: beside @langchain/core in the same process, and beside a template literal. Every contender
// has to end with the same messages. Fails when formatting a chat prompt costs more than a tenth of what it does there.
import {
  ChatPromptTemplate as LangChainChatPrompt,
  PromptTemplate as LangChainPrompt,
} from '@langchain/core/prompts';
import { ChatPromptTemplate, PromptTemplate } from '@pipewright/prompts';
import { compare, demand, print, type Contender } from './ratio.js';

const LIMIT = 0.1;

const likes = [
  ['system', 'You are {persona}. Answer in {language}, and say so when you do not know.'],
  ['placeholder', '{history}'],
  ['human', 'By the notes below, {question}\n\n{notes}'],
] as const;
const input = {
  persona: 'a librarian',
  language: 'English',
  history: [
    ['human', 'Hello'],
    ['ai', 'Good evening'],
  ] as [string, string][],
  question: 'who wrote Walden?',
  notes: 'Walden was written at a pond. '.repeat(20),
};

type Way = () => Promise<unknown>;

const ours = ChatPromptTemplate.fromMessages(likes);
const theirs = LangChainChatPrompt.fromMessages(likes as never);
const chatWays: Readonly<Record<string, Way>> = {
  '@langchain/core 1.2.13, invoke()': () => theirs.invoke(input),
  'Pipewright, invoke()': () => ours.invoke(input as never),
  'Pipewright, formatMessages()': async () => ours.formatMessages(input as never),
  'Pipewright, invokeSync()': async () => ours.invokeSync(input as never),
};

const text = 'Tell me a {tone} joke about {topic}, please. {{"json": {number}}}';
const values = { tone: 'dry', topic: 'bears', number: 5 };
const ourText = PromptTemplate.fromTemplate(text);
const theirText = LangChainPrompt.fromTemplate(text);
const textWays: Readonly<Record<string, Way>> = {
  '@langchain/core 1.2.13, format()': () => theirText.format(values),
  'Pipewright, format()': () => ourText.format(values),
  'a template literal': async () =>
    `Tell me a ${values.tone} joke about ${values.topic}, please. {"json": ${values.number}}`,
};

const list = '{{#items}}\n- {{name}}: {{count}}\n{{/items}}\n{{#done}}Done.{{/done}}';
const items = {
  items: Array.from({ length: 20 }, (_, count) => ({ name: `item ${count}`, count })),
  done: true,
};
const ourList = PromptTemplate.fromTemplate(list, { templateFormat: 'mustache' });
const theirList = LangChainPrompt.fromTemplate(list, { templateFormat: 'mustache' });
const listWays: Readonly<Record<string, Way>> = {
  '@langchain/core 1.2.13, mustache': () => theirList.format({ ...items, name: '', count: '' } as never),
  'Pipewright, mustache': () => ourList.format(items),
};

function shown(result: unknown): string {
  if (typeof result === 'string') return result;
  const messages = Array.isArray(result) ? result : (result as { messages: unknown[] }).messages;
  return JSON.stringify(
    (messages as { getType(): string; text: string }[]).map((each) => [each.getType(), each.text]),
  );
}

/** Compares the ways, each checked for its result first, and gives the ratios to the first. */
async function run(
  title: string,
  ways: Readonly<Record<string, Way>>,
  count: number,
): Promise<readonly number[]> {
  const contenders: Contender[] = [];
  let expected: string | undefined;
  for (const [name, way] of Object.entries(ways)) {
    const got = shown(await way());
    expected ??= got;
    if (got !== expected) throw new Error(`${name} gave ${got}, not ${expected}`);
    contenders.push({
      name,
      run: async (times) => {
        for (let time = 0; time < times; time += 1) await way();
      },
    });
  }
  const comparison = await compare(contenders, count);
  print(title, contenders, comparison);
  return comparison.ratios;
}

const [, invoke = 1] = await run(
  'a chat prompt of three parts and a history of two messages',
  chatWays,
  5_000,
);
await run('a text of three variables', textWays, 5_000);
await run('a mustache list of twenty items', listWays, 1_000);

console.log(`\ninvoke() costs ${(invoke * 100).toFixed(1)} % of what it does in @langchain/core.`);
demand(invoke <= LIMIT, `invoke() is to cost at most ${LIMIT * 100} % of what it does in @langchain/core.`);
