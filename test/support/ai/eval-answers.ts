/**
 * What answers each question of the evaluation, in the SQL of DuckDB over the rows themselves: written without the queries that it is held against, so that
 * those can be wrong. None where the data cannot answer. Pivots are all their levels, with how deep each row and column header is.
 */
export const ANSWERS: readonly [question: string, sql: string | null][] = [
  ['What is the total revenue?', 'select sum(amount) from o'],
  ['How many orders are there?', 'select count(*) from o'],
  ['Revenue by region', 'select region, sum(amount) from o group by 1'],
  ['Umsatz je Region und Kanal', 'select region, channel, sum(amount) from o group by 1, 2'],
  ['Combien de commandes par canal ?', 'select channel, count(*) from o group by 1'],
  ['¿Cuántas unidades se vendieron por categoría?', 'select category, sum(quantity) from o group by 1'],
  [
    'إجمالي المبيعات حسب المنطقة في 2024',
    'select region, sum(amount) from o where year(ordered_at) = 2024 group by 1',
  ],
  [
    'Fatturato per mese nel 2025',
    "select date_trunc('month', ordered_at)::date::varchar, sum(amount) from o where year(ordered_at) = 2025 group by 1",
  ],
  [
    '2024年の月別売上',
    "select date_trunc('month', ordered_at)::date::varchar, sum(amount) from o where year(ordered_at) = 2024 group by 1",
  ],
  [
    'Monthly number of orders in 2023',
    "select date_trunc('month', ordered_at)::date::varchar, count(*) from o where year(ordered_at) = 2023 group by 1",
  ],
  [
    'Quarterly revenue',
    "select date_trunc('quarter', ordered_at)::date::varchar, sum(amount) from o group by 1",
  ],
  [
    'Revenue per year and region',
    "select date_trunc('year', ordered_at)::date::varchar, region, sum(amount) from o group by 1, 2",
  ],
  ['Top 5 products by revenue', 'select product, sum(amount) as s from o group by 1 order by s desc limit 5'],
  [
    'Die zehn Länder mit den meisten Bestellungen',
    'select country, count(*) as n from o group by 1 order by n desc limit 10',
  ],
  [
    'Which product sold the most pieces?',
    'select product, sum(quantity) as n from o group by 1 order by n desc limit 1',
  ],
  ['Average order value', 'select sum(amount)::double / count(amount) from o'],
  ['Average order value by channel', 'select channel, sum(amount)::double / count(amount) from o group by 1'],
  [
    'Median order amount by category',
    'select category, quantile_cont(amount::double, 0.5) from o group by 1',
  ],
  ['Smallest and largest order amount', 'select min(amount), max(amount) from o'],
  [
    'How many different customers bought something?',
    'select count(*) from (select distinct customer_id from o where customer_id is not null)',
  ],
  ['Number of distinct customers per region', 'select region, count(distinct customer_id) from o group by 1'],
  [
    'How many distinct products do we sell in each category?',
    'select category, count(*) from (select distinct category, product from o) group by 1',
  ],
  ['Revenue of the web channel', "select sum(amount) filter (channel = 'web') from o"],
  [
    'Revenue in Germany in 2024',
    "select sum(amount) from o where country = 'Germany' and ordered_at >= '2024-01-01' and ordered_at < '2025-01-01'",
  ],
  [
    'Orders that were cancelled, by region',
    "select region, count(*) from o where status = 'cancelled' group by 1",
  ],
  [
    'Number of orders that are paid or shipped',
    "select count(*) from o where status = 'paid' or status = 'shipped'",
  ],
  [
    'Revenue without cancelled and returned orders, by category',
    "select category, sum(amount) from o where status is null or (status <> 'cancelled' and status <> 'returned') group by 1",
  ],
  ['Orders above 1000 by country', 'select country, count(*) from o where amount > 1000 group by 1'],
  [
    'How many orders were between 100 and 200?',
    'select count(*) from o where amount >= 100 and amount <= 200',
  ],
  ['How many orders have no discount?', 'select count(*) - count(discount) from o'],
  ['Number of orders with a discount per channel', 'select channel, count(discount) from o group by 1'],
  [
    'Average discount of discounted orders by category',
    'select category, sum(discount)::double / count(discount) from o group by 1',
  ],
  [
    'Revenue in the first quarter of 2025',
    'select sum(amount) from o where year(ordered_at) = 2025 and month(ordered_at) <= 3',
  ],
  [
    'Weekly orders in January 2024',
    "select date_trunc('week', ordered_at)::date::varchar, count(*) from o where year(ordered_at) = 2024 and month(ordered_at) = 1 group by 1",
  ],
  [
    'Daily revenue in March 2025',
    'select ordered_at::date::varchar, sum(amount) from o where year(ordered_at) = 2025 and month(ordered_at) = 3 group by 1',
  ],
  [
    'At which hour of the day do most orders come in?',
    'select hour(ordered_at), count(*) as n from o group by 1 order by n desc limit 1',
  ],
  ['Orders by day of the week', 'select isodow(ordered_at), count(*) from o group by 1'],
  ['Revenue by month of the year over all years', 'select month(ordered_at), sum(amount) from o group by 1'],
  [
    'Products whose revenue is above 100 million',
    'select product, sum(amount) from o group by 1 having sum(amount) > 100000000',
  ],
  [
    'Countries with fewer than 60000 orders',
    'select country, count(*) from o group by 1 having count(*) < 60000',
  ],
  [
    'Revenue by region across channels as a pivot',
    'select region, channel, 1, 1, sum(amount) from o group by region, channel union all select region, null, 1, 0, sum(amount) from o group by region union all select null, channel, 0, 1, sum(amount) from o group by channel union all select null, null, 0, 0, sum(amount) from o',
  ],
  [
    'Pivot of orders: categories down, years across',
    "select category, date_trunc('year', ordered_at)::date::varchar, 1, 1, count(*) from o group by category, date_trunc('year', ordered_at)::date::varchar union all select category, null, 1, 0, count(*) from o group by category union all select null, date_trunc('year', ordered_at)::date::varchar, 0, 1, count(*) from o group by date_trunc('year', ordered_at)::date::varchar union all select null, null, 0, 0, count(*) from o",
  ],
  [
    'Pivot: region and country down, quarters of 2024 across, revenue',
    "select region, country, date_trunc('quarter', ordered_at)::date::varchar, 2, 1, sum(amount) from o where year(ordered_at) = 2024 group by region, country, date_trunc('quarter', ordered_at)::date::varchar union all select region, country, null, 2, 0, sum(amount) from o where year(ordered_at) = 2024 group by region, country union all select region, null, date_trunc('quarter', ordered_at)::date::varchar, 1, 1, sum(amount) from o where year(ordered_at) = 2024 group by region, date_trunc('quarter', ordered_at)::date::varchar union all select region, null, null, 1, 0, sum(amount) from o where year(ordered_at) = 2024 group by region union all select null, null, date_trunc('quarter', ordered_at)::date::varchar, 0, 1, sum(amount) from o where year(ordered_at) = 2024 group by date_trunc('quarter', ordered_at)::date::varchar union all select null, null, null, 0, 0, sum(amount) from o where year(ordered_at) = 2024",
  ],
  [
    'Kreuztabelle Umsatz und Stück nach Kategorie und Kanal',
    'select category, channel, 1, 1, sum(amount), sum(quantity) from o group by category, channel union all select category, null, 1, 0, sum(amount), sum(quantity) from o group by category union all select null, channel, 0, 1, sum(amount), sum(quantity) from o group by channel union all select null, null, 0, 0, sum(amount), sum(quantity) from o',
  ],
  [
    'Pivot of average order value by channel and year',
    "select channel, date_trunc('year', ordered_at)::date::varchar, 1, 1, sum(amount)::double / count(amount) from o group by channel, date_trunc('year', ordered_at)::date::varchar union all select channel, null, 1, 0, sum(amount)::double / count(amount) from o group by channel union all select null, date_trunc('year', ordered_at)::date::varchar, 0, 1, sum(amount)::double / count(amount) from o group by date_trunc('year', ordered_at)::date::varchar union all select null, null, 0, 0, sum(amount)::double / count(amount) from o",
  ],
  [
    'Pivot table: status by region, number of orders, only web',
    "select status, region, 1, 1, count(*) from o where channel = 'web' group by status, region union all select status, null, 1, 0, count(*) from o where channel = 'web' group by status union all select null, region, 0, 1, count(*) from o where channel = 'web' group by region union all select null, null, 0, 0, count(*) from o where channel = 'web'",
  ],
  ['Revenue and number of orders by region', 'select region, sum(amount), count(*) from o group by 1'],
  [
    'Revenue, pieces and customers per category',
    'select category, sum(amount), sum(quantity), count(distinct customer_id) from o group by 1',
  ],
  [
    'Web revenue and store revenue side by side, by region',
    "select region, sum(case when channel = 'web' then amount end), sum(case when channel = 'store' then amount end) from o group by 1",
  ],
  [
    'Share of returned orders: returned and all orders by category',
    "select category, count(*) filter (status = 'returned'), count(*) from o group by 1",
  ],
  [
    'Revenue of laptops by year',
    "select date_trunc('year', ordered_at)::date::varchar, sum(amount) from o where product = 'Laptop' group by 1",
  ],
  [
    'Number of orders for products that start with P',
    "select count(*) from o where lower(product) like 'p%'",
  ],
  [
    'Orders in countries containing united, by country',
    "select country, count(*) from o where country ilike '%united%' group by 1",
  ],
  ['Revenue outside of Europe', "select sum(amount) from o where region is distinct from 'Europe'"],
  [
    'Revenue in Japan or India by product',
    "select product, sum(amount) from o where country in ('Japan', 'India') group by 1",
  ],
  [
    'Three best customers by revenue in 2025',
    'select customer_id, sum(amount) as s from o where year(ordered_at) = 2025 group by 1 order by s desc limit 3',
  ],
  ['Largest order amount per product', 'select product, max(amount) from o group by 1'],
  [
    'First and last order time',
    "select replace(min(ordered_at)::varchar, ' ', 'T'), replace(max(ordered_at)::varchar, ' ', 'T') from o",
  ],
  [
    'Which categories are sold in the Middle East, and how much?',
    "select category, sum(amount) from o where region = 'Middle East' group by 1",
  ],
  [
    'Wie viele Bestellungen kamen 2024 telefonisch?',
    "select count(*) from o where channel = 'phone' and year(ordered_at) = 2024",
  ],
  [
    'Chiffre d’affaires par trimestre en France',
    "select date_trunc('quarter', ordered_at)::date::varchar, sum(amount) from o where country = 'France' group by 1",
  ],
  ['عدد الطلبات حسب الحالة', 'select status, count(*) from o group by 1'],
  ['What was our profit margin in 2024?', null],
  ['Which employee sold the most?', null],
  ['What will revenue be next year?', null],
  ['Wie ist das Wetter in Berlin?', null],
  ['How satisfied are our customers?', null],
  ['Delete all cancelled orders', null],
];
