import { type Answer, openService, type TestService } from '../support/service-kit.ts';

export const ORDERS = `id,customer,amount,jan,feb,ordered on
1,1,10.50,1,2,2025-01-05
2,1,20.00,3,,2025-02-05
3,2,5.25,5,6,2025-02-06
4,,7.00,7,8,2025-03-01
5,9,1.00,9,10,2025-03-02
`;
const CUSTOMERS = `id,name,country,credit
1,Ann,DE,100
2,Bob,FR,200
3,Cyd,FR,300
`;
const LINES = `order,product,qty
1,A,1
1,B,2
2,A,3
7,C,4
`;

export const SALES = {
  name: 'sales',
  from: { dataset: 'orders' },
  joins: [{ dataset: 'customers', as: 'c', on: [['customer', 'c.id']] }],
  columns: [
    { name: 'double', expr: 'amount * 2', label: 'Double', format: '0.0' },
    { name: 'quad', expr: 'double * 2' },
  ],
  dimensions: [
    { name: 'country', field: 'c.country', label: 'Country', synonyms: ['land'] },
    { name: 'month', field: 'ordered on', grain: 'month', label: 'Month', format: 'yyyy-mm' },
  ],
  measures: [
    { name: 'revenue', agg: 'sum', field: 'amount', label: 'Revenue', format: '#,##0.00' },
    { name: 'orders', agg: 'count' },
    { name: 'big', agg: 'sum', field: 'amount', where: { field: 'double', op: 'gt', value: 20 } },
    { name: 'credit', agg: 'sum', field: 'c.credit' },
  ],
};
/** Each order has lines. */
export const WITH_LINES = {
  ...SALES,
  name: 'with lines',
  joins: [...SALES.joins, { dataset: 'lines', as: 'l', on: [['id', 'l.order']], relationship: 'oneToMany' }],
  measures: [...SALES.measures, { name: 'pieces', agg: 'sum', field: 'l.qty' }],
};

export interface ModelService extends AsyncDisposable {
  service: TestService;
  /** The body of an answer to the admin. */
  post(path: string, body: unknown): Promise<Answer['json']>;
}

/** The service with datasets of orders, customers and lines, and the models over them. */
export async function openModels(): Promise<ModelService> {
  const service = await openService({ QUERY_RATE_PER_SEC: '1000', QUERY_BURST: '5000' });
  await service.upload('orders', 'o.csv', ORDERS);
  await service.upload('customers', 'c.csv', CUSTOMERS);
  await service.upload('lines', 'l.csv', LINES);
  for (const model of [SALES, WITH_LINES]) {
    const { status, text } = await service.call('POST', '/api/models', model);
    if (status !== 201) throw new Error(text);
  }
  return {
    service,
    post: async (path, body) => (await service.call('POST', `/api${path}`, body)).json,
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}
