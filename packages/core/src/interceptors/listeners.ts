import { everyEvent, listenersOf, type EventHandler } from '../engine/callbacks.js';
import type { RunEvent, RunInfo } from '../engine/events.js';
import type { Interceptor } from './interceptor.js';

/** Listens to the run of what is inside: to that run only, not to those of its parts. */
export function listeners(handler: EventHandler): Interceptor {
  const [listener] = listenersOf([handler]);
  return {
    kind: 'Listeners',
    options: { handler },
    around: (inner, input, context) => {
      let mine: RunInfo | undefined;
      const notify = (event: RunEvent): unknown => {
        // The first run to start in here is the one that is listened to.
        mine ??= event.run;
        return event.run === mine ? listener?.notify(event) : undefined;
      };
      const { onChunk, ...others } = everyEvent(notify);
      const callback: EventHandler = {
        ...others,
        ...(handler.onChunk !== undefined && { onChunk }),
        raiseError: handler.raiseError === true,
      };
      return context.within({ callbacks: [callback] }, (within) => inner(input, within));
    },
  };
}
