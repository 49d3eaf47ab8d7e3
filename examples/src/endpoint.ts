// Which model the examples talk to: the one that the environment names, or else the local one in this folder.
import { startLocalModel } from './local-model/server.js';

export interface Endpoint {
  readonly model: string;
  /** Which endpoint it is, for people. */
  readonly description: string;
  /** `fetch`, counting the requests that it sends. */
  readonly fetch: typeof fetch;
  /** How many requests were sent so far. */
  readonly calls: number;
  close(): Promise<void>;
}

export async function connect(): Promise<Endpoint> {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, MODEL } = process.env;
  if (OPENAI_API_KEY || OPENAI_BASE_URL) {
    const model = MODEL || 'gpt-4o-mini';
    const place = OPENAI_BASE_URL ? hostOf(OPENAI_BASE_URL) : "OpenAI's API";
    return counting({ model, description: `${model} at ${place}`, close: async () => {} });
  }
  const local = await startLocalModel();
  // The client reads this variable itself, so from here on nothing differs from a model elsewhere.
  process.env.OPENAI_BASE_URL = local.baseURL;
  const description = `a local model, started by this program at ${hostOf(local.baseURL)}`;
  return counting({ model: MODEL || 'local', description, close: () => local.close() });
}

function counting(endpoint: Pick<Endpoint, 'model' | 'description' | 'close'>): Endpoint {
  let calls = 0;
  return {
    ...endpoint,
    fetch: (...request) => {
      calls += 1;
      return fetch(...request);
    },
    get calls() {
      return calls;
    },
  };
}

/** Without user name, password and path, which may hold secrets. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'OPENAI_BASE_URL';
}
