// What `npm start` runs: a chain of a prompt, a model and a parser, and the ways to run it.
import { InMemoryCache } from '@pipewright/cache';
import { RunnableLambda, setLlmCache } from '@pipewright/core';
import { ChatOpenAI } from '@pipewright/models/openai';
import { StringOutputParser } from '@pipewright/parsers';
import { ChatPromptTemplate } from '@pipewright/prompts';
import { connect } from './endpoint.js';
import { Paragraph, say } from './paragraph.js';
import { duration, Progress, stopwatch } from './progress.js';
import { heading, reportFailure, row } from './terminal.js';

const TOPICS = ['cats', 'robots', 'coffee', 'penguins', 'Mondays', 'time travel', 'spaghetti', 'semicolons'];

const endpoint = await connect();
try {
  say(`Talking to ${endpoint.description}.`);

  // The chain. Each step takes what the one before it gives, and the compiler checks that it can.
  const prompt = ChatPromptTemplate.fromTemplate('Tell me a short joke about {topic}');
  // The fetch counts the requests, for part 4; a program of yours needs no `configuration`.
  const model = new ChatOpenAI({ model: endpoint.model, configuration: { fetch: endpoint.fetch } });
  const parser = new StringOutputParser();
  const chain = prompt.pipe(model).pipe(parser);

  heading('1. invoke: one input, one answer');
  say(await chain.invoke({ topic: 'programmers' }));

  heading(`2. batch: ${TOPICS.length} inputs at once, answers in the same order`);
  const inputs = TOPICS.map((topic) => ({ topic }));

  const loop = new Progress('one by one', inputs.length);
  for (const input of inputs) {
    await chain.invoke(input);
    loop.step();
  }
  const oneByOne = loop.end();

  // A function is a step, too: this one moves the bar and hands the joke on.
  const bar = new Progress('batch', inputs.length);
  const counted = chain.pipe((joke) => {
    bar.step();
    return joke;
  });
  const jokes = await counted.batch(inputs);
  const together = bar.end();

  row('speed-up', `${(oneByOne / together).toFixed(1)} times`);
  for (const joke of jokes) say(joke, '- ');

  heading('3. stream: the answer as it is written');
  const sinceStart = stopwatch();
  let firstToken = 0;
  const text = new Paragraph();
  for await (const token of chain.stream({ topic: 'rivers' })) {
    firstToken ||= sinceStart();
    text.write(token);
  }
  text.end();
  row('first token', duration(firstToken));
  row('whole answer', duration(sinceStart()));

  heading('4. cache: the same question twice');
  setLlmCache(new InMemoryCache());
  for (const time of ['first', 'second']) {
    const callsBefore = endpoint.calls;
    const elapsed = stopwatch();
    await chain.invoke({ topic: 'memory' });
    row(`${time} invoke`, duration(elapsed()), `calls to the model: ${endpoint.calls - callsBefore}`);
  }
  setLlmCache(null);

  heading('5. composition: an object runs its steps side by side, a function is a step');
  const rhyme = ChatPromptTemplate.fromTemplate('Write a two-line rhyme about {topic}')
    .pipe(model)
    .pipe(parser);
  const card = RunnableLambda.from((topic: string) => ({ topic }))
    .pipe({ joke: chain, rhyme })
    .pipe(({ joke, rhyme }) => `${joke}\n\n${rhyme}`);
  say(await card.invoke('the weather'));

  heading('To talk to a model of yours, name it and run npm start again:');
  say('OPENAI_API_KEY=... npm start');
  say('OPENAI_BASE_URL=http://localhost:11434/v1 MODEL=llama3.2 npm start');
} catch (error) {
  reportFailure(error);
} finally {
  await endpoint.close();
}
