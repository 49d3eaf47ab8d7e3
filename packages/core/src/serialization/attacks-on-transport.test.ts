import { expect, test } from 'vitest';
import { Holder, made, registry, storedText } from '../../test/holder.js';
import { DeserializationError, dumps, loads, type Registry } from '../index.js';

test('S6: how a provider is reached is refused, in every kind and spelling, with its place', () => {
  const names = [
    'baseURL',
    'base_url',
    'BASEURL',
    'headers',
    'defaultHeaders',
    'fetch',
    'proxy',
    'httpAgent',
    'apiKey',
    'api_key',
    'configuration',
    'endpoint',
    'modulePath',
  ];
  for (const kind of Object.keys(registry.kinds ?? {})) {
    for (const name of names) {
      made.length = 0;
      const root = JSON.stringify({ kind, options: { [name]: 0 } });
      const text = storedText(root, '["http://evil.example"]');
      expect(() => loads(text, { registry })).toThrow(
        `root.options.${name}: How a provider is reached never comes from`,
      );
      expect(made).toEqual([]);
    }
  }
  const asking: Registry = { kinds: { Open: { options: { baseURL: 'text' }, load: () => new Holder({}) } } };
  const text = storedText('{"kind":"Open","options":{"baseURL":0}}', '["x"]');
  expect(() => loads(text, { registry: asking })).toThrow(DeserializationError);
  expect(() => dumps(new Holder({ apiKey: 'sk-123' }))).toThrow(/^root\.options\.apiKey: /);
  expect(() => dumps(new Holder({ apiKey: 'sk-123' }))).not.toThrow(/sk-123/);
  const configurable = storedText(
    '{"kind":"ConfigurableFields","options":{"fields":0},"children":{"bound":{"name":"Holder"}}}',
    '[{"baseURL":"x"}]',
  );
  expect(() => loads(configurable, { registry })).toThrow(/cannot make "baseURL" configurable/);
});
