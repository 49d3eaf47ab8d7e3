/** A precision of 0 would make the whole score 0; this stands in the place of no matches. */
const SMOOTHING = 0.1;
const LONGEST = 4;

/**
 * How much of a text's runs of words another text has, from 0 to 1: the BLEU score of sentences, by runs of one to four
 * words, as NLTK computes it with its first smoothing and weights that fit short texts.
 *
 * @param text - the text that is scored
 * @param reference - the text it is compared with
 */
export function nGramOverlap(text: string, reference: string): number {
  const words = wordsOf(text);
  const others = wordsOf(reference);
  if (words.length === 0 || others.length === 0) return 0;
  const longest = Math.min(LONGEST, words.length);
  let logarithms = 0;
  for (let length = 1; length <= longest; length += 1) {
    const matches = sharedRuns(words, others, length);
    if (length === 1 && matches === 0) return 0;
    logarithms += Math.log((matches === 0 ? SMOOTHING : matches) / (words.length - length + 1));
  }
  const brevity = words.length > others.length ? 1 : Math.exp(1 - others.length / words.length);
  return brevity * Math.exp(logarithms / longest);
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\S+/g) ?? [];
}

/** How many runs of so many words are in both, each counted as often as the other has it. */
function sharedRuns(words: readonly string[], others: readonly string[], length: number): number {
  const available = runs(others, length);
  let shared = 0;
  for (const [run, count] of runs(words, length)) shared += Math.min(count, available.get(run) ?? 0);
  return shared;
}

function runs(words: readonly string[], length: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let from = 0; from + length <= words.length; from += 1) {
    // Words hold no white space, so that no two runs have one key.
    const run = words.slice(from, from + length).join(' ');
    counts.set(run, (counts.get(run) ?? 0) + 1);
  }
  return counts;
}
