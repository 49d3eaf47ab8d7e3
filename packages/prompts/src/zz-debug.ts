import type { TemplateVariables } from './variables.js';
import type { ScanMustache } from './mustache/variables.js';
type A0 = ScanMustache<'{{#items}}{{.}} {{/items}}'>;
type A1 = ScanMustache<'{{#items}}{{/items}}'>;
type A2 = ScanMustache<'{{#items}}x{{/items}}'>;
type D = TemplateVariables<
      '{{a}} {{{ b }}} {{&c}} {{user.name}} {single} {{! remark}} {{#list}}{{.}}{{inner}}{{x.y}}{{/list}} {{^none}}{{/none}} {{a}} {{#b}}{{/b}}', 'mustache'>;
export const a0: A0 = 5;
export const a1: A1 = 5;
export const a2: A2 = 5;
type A = TemplateVariables<'{{#items}}{{/items}}', 'mustache'>;
export const a: A = {items: 5, c: 6};
export const d: D = 5;
