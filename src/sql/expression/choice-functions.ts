import { isNumeric, isTemporal } from '../../domain/column.ts';
import { join, sql } from '../ast.ts';
import { type Call, callFault, type FunctionRule } from './call.ts';
import { compared } from './compare.ts';
import { adapt, commonType, type Value, valueSql } from './value.ts';

function unified(call: Call): Value & { values: Value['sql'][] } {
  const common = commonType(call.args, call.at, call.context);
  const values = call.args.map((value) => adapt(value, common, call.at, call.context));
  const prepared = common.type === 'text' ? { isPrepared: true as const } : {};
  return { ...common, ...prepared, sql: values[0]!, values };
}

const coalesce: FunctionRule = {
  usage: 'coalesce(x, …)',
  min: 1,
  max: 100,
  build: (call) => {
    const { values, ...value } = unified(call);
    return values.length === 1 ? value : { ...value, sql: sql`COALESCE(${join(values, ', ')})` };
  },
};

const nullif: FunctionRule = {
  usage: 'nullif(x, y)',
  min: 2,
  max: 2,
  build: (call) => {
    const [x, y] = call.args as [Value, Value];
    const { at, context } = call;
    if (x.type === 'null')
      return {
        type: y.type,
        scale: y.scale,
        sql: context.spell.typedNull(commonType([y], at, context).type),
      };
    const { sql: test } = compared('=', x, y, at, context);
    const { isCondition: _, literal: __, count: ___, ...kept } = x;
    return { ...kept, sql: sql`CASE WHEN ${test} THEN NULL ELSE ${valueSql(x, context)} END` };
  },
};

const extreme = (name: 'greatest' | 'least'): FunctionRule => ({
  usage: `${name}(x, …)`,
  min: 1,
  max: 100,
  build: (call) => {
    const { values, isPrepared: _, ...value } = unified(call);
    const type = value.type as Exclude<Value['type'], 'null'>;
    if (!isNumeric(type) && !isTemporal(type) && type !== 'text' && type !== 'time')
      throw callFault(call, `does not take values of type ${type}`, { type });
    if (values.length === 1) return value;
    const { canonical, restored } = call.context.scope.dialect;
    const found = call.context.spell.extreme(name, values.map(canonical[type]));
    return { ...value, sql: restored[type](found) };
  },
});

export const CHOICE_FUNCTIONS = {
  coalesce,
  nullif,
  greatest: extreme('greatest'),
  least: extreme('least'),
} satisfies Record<string, FunctionRule>;
