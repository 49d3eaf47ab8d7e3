/** How a provider is reached and paid. Never stored and never loaded: whoever could change it would be sent the user's key. */
const TRANSPORT: ReadonlySet<string> = new Set([
  'agent',
  'apibase',
  'apikey',
  'auth',
  'authorization',
  'basepath',
  'baseurl',
  'clientoptions',
  'configuration',
  'cookie',
  'credentials',
  'defaultheaders',
  'dispatcher',
  'endpoint',
  'fetch',
  'headers',
  'host',
  'hostname',
  'httpagent',
  'httpsagent',
  'modulepath',
  'organization',
  'password',
  'project',
  'proxy',
  'secret',
  'secrets',
  'token',
  'uri',
  'url',
]);

/** Whether an option of this name says how a provider is reached, however it is spelled. */
export function isTransportField(name: string): boolean {
  return TRANSPORT.has(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}
