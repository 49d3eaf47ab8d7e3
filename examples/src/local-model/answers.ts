/** Each reads well with any noun after it, plural or not: "cats", "coffee", "the weather". */
const JOKES: readonly ((topic: string) => string)[] = [
  (topic) => `I have a joke about ${topic}, but it only works on my machine.`,
  (topic) => `I gave a talk about ${topic} at work. The only question was how I had got in.`,
  (topic) => `My neighbour knows everything about ${topic}. I had only asked him for the time.`,
  (topic) =>
    `How many experts on ${topic} does it take to change a light bulb? Three, and a follow-up meeting.`,
  (topic) => `What do you call a conference on ${topic} that ends on time? A rumour.`,
  (topic) => `I told my computer a joke about ${topic}. It is still processing.`,
  (topic) => `I asked the library for a book about ${topic}. It was filed under "unsolved".`,
  (topic) => `My last project had no bugs, only ${topic}. The bugs had asked to be moved.`,
  (topic) => `I listed ${topic} under "other skills". The interview took four hours.`,
  (topic) => `There are two hard problems: naming things, ${topic}, and off-by-one errors.`,
  (topic) => `I do not always think about ${topic}. Sometimes I sleep.`,
  (topic) => `I wrote a test for ${topic}. It passed, so now I trust neither of them.`,
  (topic) => `My diet allows anything except ${topic}. I am reading the exceptions to the exception.`,
  (topic) => `Our team has a policy on ${topic}. Nobody has read it, and everybody has approved it.`,
  (topic) => `I opened a museum of ${topic}. On the first day, the exhibits asked for a refund.`,
  (topic) => `Knock, knock. Who is there? Not ${topic}: that would have been a webhook.`,
];

const RHYMES: readonly ((topic: string) => string)[] = [
  (topic) => `I wanted to put ${topic} into rhyme,\nand I would have done, with a little more time.`,
  (topic) => `They say about ${topic} you never can tell,\nbut given some patience it mostly goes well.`,
  (topic) =>
    `I once heard of ${topic} and thought, what a bore;\nit kept me awake, and I asked to hear more.`,
];

const SUBJECT = /\babout\s+([^\n]+?)[\s.!?"']*$/i;

/** What the local model says: the same prompt always gets the same answer. */
export function answerTo(prompt: string): string {
  const subject = SUBJECT.exec(prompt)?.[1]?.slice(0, 60);
  if (subject !== undefined && /\bjoke\b/i.test(prompt)) return pick(JOKES, subject)(subject);
  if (subject !== undefined && /\brhyme\b/i.test(prompt)) return pick(RHYMES, subject)(subject);
  return 'I am a small model and only know jokes and rhymes. Ask me for a joke about something.';
}

/** The words of a text, each with the space before it, as models stream them. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*\S+/g) ?? [];
}

/** A choice that depends on the key alone. With this multiplier the topics of first-chain.ts get a joke each. */
function pick<T>(choices: readonly T[], key: string): T {
  let hash = 0;
  for (const character of key) hash = (hash * 2431 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return choices[hash % choices.length] as T;
}
