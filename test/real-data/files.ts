import type { PivotSpec } from '../../src/domain/pivot-spec.ts';

export interface RealFile {
  file: string;
  rows: number;
  /** Every column with the type that a person would expect. */
  types: Readonly<Record<string, string>>;
  pivots: readonly Omit<PivotSpec, 'from'>[];
}

const ALL = { rows: 'all', columns: 'all' } as const;
const count = { agg: 'count', as: 'n' } as const;
const WEATHER = {
  precipitation: 'decimal(1)',
  temp_max: 'decimal(1)',
  temp_min: 'decimal(1)',
  wind: 'decimal(1)',
  weather: 'text',
};
const FLIGHTS = {
  date: 'timestamp',
  delay: 'integer',
  distance: 'integer',
  origin: 'text',
  destination: 'text',
};

export const FILES: readonly RealFile[] = [
  {
    file: 'movies.json',
    rows: 3201,
    types: {
      Title: 'text', // of which nine are numbers, such as 300
      'US Gross': 'integer',
      'Worldwide Gross': 'integer',
      'US DVD Sales': 'integer',
      'Production Budget': 'integer',
      'Release Date': 'date',
      'MPAA Rating': 'text',
      'Running Time min': 'integer',
      Distributor: 'text',
      Source: 'text',
      'Major Genre': 'text',
      'Creative Type': 'text',
      Director: 'text',
      'Rotten Tomatoes Rating': 'integer',
      'IMDB Rating': 'float',
      'IMDB Votes': 'integer',
    },
    pivots: [
      {
        rows: ['Major Genre', 'MPAA Rating'],
        columns: [{ field: 'Release Date', grain: 'year', as: 'year' }],
        measures: [
          { agg: 'sum', field: 'Worldwide Gross' },
          { agg: 'median', field: 'IMDB Rating' },
        ],
        totals: ALL,
      },
      {
        rows: ['Distributor', 'Director', 'Title'],
        measures: [
          { agg: 'countDistinct', field: 'Title' },
          { agg: 'avg', field: 'Production Budget' },
        ],
        totals: ALL,
        sort: [{ axis: 'rows', level: 'Distributor', by: 'avg_Production Budget', dir: 'desc' }],
        page: { rows: { offset: 20, limit: 50 } },
      },
      {
        rows: ['Title'],
        measures: [count, { agg: 'max', field: 'US Gross' }],
        where: { field: 'Title', op: 'matches', value: '^[0-9]+$' },
        totals: { rows: 'grand' },
      },
    ],
  },
  {
    file: 'flights-20k.json',
    rows: 20_000,
    types: FLIGHTS,
    pivots: [
      {
        rows: ['origin'],
        columns: [{ field: 'date', grain: 'dayOfWeek', as: 'weekday' }],
        measures: [count, { agg: 'median', field: 'delay' }],
        totals: ALL,
        weekStart: 'sunday',
        sort: [{ axis: 'rows', level: 'origin', by: 'n', dir: 'desc', column: [1] }],
        page: { rows: { limit: 10 } },
      },
      {
        rows: [
          { field: 'date', grain: 'month', as: 'month' },
          { field: 'date', grain: 'day', as: 'day' },
        ],
        columns: [{ field: 'date', grain: 'hourOfDay', as: 'hour' }],
        measures: [{ agg: 'countDistinct', field: 'destination' }],
        totals: ALL,
      },
    ],
  },
  {
    file: 'flights-200k.json',
    rows: 200_000,
    types: { delay: 'integer', distance: 'integer', time: 'float' },
    pivots: [
      {
        measures: [
          count,
          { agg: 'sum', field: 'distance' },
          { agg: 'avg', field: 'time' },
          { agg: 'median', field: 'delay' },
        ],
      },
      { rows: ['delay'], measures: [count, { agg: 'max', field: 'distance' }], totals: ALL },
    ],
  },
  {
    file: 'seattle-weather.csv',
    rows: 1461,
    types: { date: 'date', ...WEATHER },
    pivots: [
      {
        rows: [
          { field: 'date', grain: 'year', as: 'year' },
          { field: 'date', grain: 'quarter', as: 'quarter' },
        ],
        columns: ['weather'],
        measures: [
          { agg: 'sum', field: 'precipitation' },
          { agg: 'avg', field: 'temp_max' },
        ],
        totals: ALL,
        sort: [{ axis: 'rows', level: 'quarter', by: 'avg_temp_max', column: ['sun'], dir: 'desc' }],
      },
      {
        rows: [{ field: 'date', grain: 'weekOfYear', as: 'week' }],
        columns: [{ field: 'date', grain: 'dayOfWeek', as: 'weekday' }],
        measures: [{ agg: 'max', field: 'wind' }, count],
        weekStart: 'sunday',
        totals: { ...ALL, position: 'first' },
      },
    ],
  },
  {
    file: 'weather.csv',
    rows: 2922,
    types: { location: 'text', date: 'date', ...WEATHER },
    pivots: [
      {
        rows: ['location', 'weather'],
        columns: [{ field: 'date', grain: 'monthOfYear', as: 'month' }],
        measures: [
          { agg: 'median', field: 'temp_min' },
          { agg: 'sum', field: 'precipitation', where: { field: 'wind', op: 'gt', value: 3.5 } },
        ],
        totals: ALL,
      },
      {
        rows: [{ field: 'date', grain: 'week', as: 'week' }],
        columns: ['location'],
        measures: [
          { agg: 'min', field: 'temp_min' },
          { agg: 'max', field: 'temp_max' },
        ],
        totals: ALL,
        where: { field: 'date', op: 'during', range: { from: '2013-12-15', to: '2014-02-01' } },
      },
    ],
  },
  {
    file: 'cars.json',
    rows: 406,
    types: {
      Name: 'text',
      Miles_per_Gallon: 'float',
      Cylinders: 'integer',
      Displacement: 'float',
      Horsepower: 'integer',
      Weight_in_lbs: 'integer',
      Acceleration: 'float',
      Year: 'date',
      Origin: 'text',
    },
    pivots: [
      {
        rows: ['Origin', 'Cylinders'],
        columns: [{ field: 'Year', grain: 'year', as: 'year' }],
        measures: [
          { agg: 'avg', field: 'Miles_per_Gallon' },
          { agg: 'median', field: 'Horsepower' },
        ],
        totals: ALL,
      },
      {
        rows: ['Name', 'Origin', 'Cylinders', 'Year'],
        measures: [count],
        totals: ALL,
        where: { field: 'Name', op: 'contains', value: 'FORD' },
      },
    ],
  },
  {
    file: 'unemployment-across-industries.json',
    rows: 1708,
    types: {
      series: 'text',
      year: 'integer',
      month: 'integer',
      count: 'integer',
      rate: 'float',
      date: 'timestamptz',
    },
    pivots: [
      {
        rows: ['series'],
        columns: ['year', 'month'],
        measures: [{ agg: 'sum', field: 'count' }],
        totals: ALL,
        sort: [{ axis: 'rows', level: 'series', by: 'sum_count', column: [2009, 10], dir: 'desc' }],
      },
      {
        rows: [{ field: 'date', grain: 'month', as: 'month' }],
        measures: [{ agg: 'avg', field: 'rate' }],
        timezone: 'America/Los_Angeles',
        totals: ALL,
        where: { field: 'date', op: 'during', range: { from: '2009-01-01', to: '2010-01-01' } },
      },
    ],
  },
  {
    file: 'unemployment.tsv',
    rows: 3218,
    types: { id: 'integer', rate: 'decimal(3)' },
    pivots: [
      { rows: ['rate'], measures: [count, { agg: 'median', field: 'id' }], totals: ALL },
      {
        rows: ['id'],
        measures: [{ agg: 'sum', field: 'rate' }],
        totals: ALL,
        page: { rows: { offset: 3000, limit: 100 } },
      },
    ],
  },
  {
    file: 'stocks.csv',
    rows: 560,
    types: { symbol: 'text', date: 'date', price: 'decimal(2)' },
    pivots: [
      {
        rows: ['symbol'],
        columns: [
          { field: 'date', grain: 'year', as: 'year' },
          { field: 'date', grain: 'quarter', as: 'quarter' },
        ],
        measures: [
          { agg: 'sum', field: 'price' },
          { agg: 'max', field: 'price' },
        ],
        totals: ALL,
      },
      {
        rows: ['symbol', 'date'],
        measures: [{ agg: 'avg', field: 'price' }],
        totals: ALL,
        page: { rows: { limit: 1 } },
      },
    ],
  },
  {
    file: 'birdstrikes.csv',
    rows: 10_000,
    types: {
      'Airport Name': 'text',
      'Aircraft Make Model': 'text',
      'Effect Amount of damage': 'text',
      'Flight Date': 'date',
      'Aircraft Airline Operator': 'text',
      'Origin State': 'text',
      'Phase of flight': 'text',
      'Wildlife Size': 'text',
      'Wildlife Species': 'text',
      'Time of day': 'text',
      'Cost Other': 'integer',
      'Cost Repair': 'integer',
      'Cost Total $': 'integer',
      'Speed IAS in knots': 'integer',
    },
    pivots: [
      {
        rows: ['Origin State', 'Airport Name'],
        columns: ['Effect Amount of damage'],
        measures: [
          { agg: 'sum', field: 'Cost Total $' },
          { agg: 'median', field: 'Speed IAS in knots' },
        ],
        totals: ALL,
      },
      {
        rows: ['Phase of flight', 'Wildlife Size', 'Time of day'],
        columns: [{ field: 'Flight Date', grain: 'year', as: 'year' }],
        measures: [count, { agg: 'countDistinct', field: 'Wildlife Species' }],
        totals: ALL,
        fill: 'zero',
      },
    ],
  },
  {
    file: 'airports.csv',
    rows: 3376,
    types: {
      iata: 'text',
      name: 'text',
      city: 'text',
      state: 'text',
      country: 'text',
      latitude: 'decimal(8)',
      longitude: 'decimal(8)',
    },
    pivots: [
      {
        rows: ['country', 'state'],
        measures: [count, { agg: 'sum', field: 'latitude' }, { agg: 'min', field: 'iata' }],
        totals: ALL,
      },
      {
        rows: ['name'],
        measures: [count],
        where: { field: 'name', op: 'contains', value: '"' },
        totals: ALL,
      },
    ],
  },
  {
    file: 'us-employment.csv',
    rows: 120,
    types: {
      month: 'date',
      ...Object.fromEntries(
        [
          'nonfarm',
          'private',
          'goods_producing',
          'service_providing',
          'private_service_providing',
          'mining_and_logging',
          'construction',
          'manufacturing',
          'durable_goods',
          'nondurable_goods',
          'trade_transportation_utilties',
        ].map((name) => [name, 'integer']),
      ),
      wholesale_trade: 'decimal(1)',
      retail_trade: 'decimal(1)',
      transportation_and_warehousing: 'decimal(1)',
      utilities: 'decimal(1)',
      ...Object.fromEntries(
        [
          'information',
          'financial_activities',
          'professional_and_business_services',
          'education_and_health_services',
          'leisure_and_hospitality',
          'other_services',
          'government',
          'nonfarm_change',
        ].map((name) => [name, 'integer']),
      ),
    },
    pivots: [
      {
        rows: [{ field: 'month', grain: 'year', as: 'year' }],
        columns: [{ field: 'month', grain: 'quarterOfYear', as: 'quarter' }],
        measures: [
          { agg: 'sum', field: 'retail_trade' },
          { agg: 'sum', field: 'nonfarm_change' },
        ],
        totals: ALL,
      },
    ],
  },
  {
    file: 'barley.json',
    rows: 120,
    types: { yield: 'float', variety: 'text', year: 'integer', site: 'text' },
    pivots: [
      {
        rows: ['site', 'variety'],
        columns: ['year'],
        measures: [
          { agg: 'sum', field: 'yield' },
          { agg: 'median', field: 'yield' },
        ],
        totals: ALL,
      },
    ],
  },
  {
    file: 'gapminder.json',
    rows: 682,
    types: {
      year: 'integer',
      country: 'text',
      cluster: 'integer',
      pop: 'integer',
      life_expect: 'float',
      fertility: 'float',
    },
    pivots: [
      {
        rows: ['cluster', 'country'],
        columns: ['year'],
        measures: [
          { agg: 'sum', field: 'pop' },
          { agg: 'avg', field: 'fertility' },
        ],
        totals: ALL,
      },
    ],
  },
  {
    file: 'disasters.csv',
    rows: 803,
    types: { Entity: 'text', Year: 'integer', Deaths: 'integer' },
    pivots: [
      {
        rows: ['Entity', 'Year'],
        measures: [{ agg: 'sum', field: 'Deaths' }],
        where: { field: 'Entity', op: 'notContains', value: 'all natural' },
        totals: ALL,
        sort: [{ axis: 'rows', level: 'Year', by: 'sum_Deaths', dir: 'desc' }],
      },
    ],
  },
  {
    file: 'zipcodes.csv',
    rows: 42_049,
    types: {
      zip_code: 'text',
      latitude: 'decimal(6)',
      longitude: 'decimal(6)',
      city: 'text',
      state: 'text',
      county: 'text',
    },
    pivots: [
      {
        rows: ['state'],
        measures: [count, { agg: 'min', field: 'zip_code' }, { agg: 'countDistinct', field: 'county' }],
        totals: ALL,
      },
      {
        rows: ['zip_code'],
        measures: [count],
        where: { field: 'zip_code', op: 'startsWith', value: '00' },
        totals: ALL,
      },
      {
        rows: ['state', 'county'],
        measures: [{ agg: 'median', field: 'latitude' }],
        totals: ALL,
        page: { rows: { limit: 5 } },
      },
    ],
  },
  {
    file: 'github.csv',
    rows: 955,
    types: { time: 'timestamp', count: 'integer' },
    pivots: [
      {
        rows: [{ field: 'time', grain: 'dayOfWeek', as: 'weekday' }],
        columns: [{ field: 'time', grain: 'hourOfDay', as: 'hour' }],
        measures: [{ agg: 'sum', field: 'count' }],
        timezone: 'Asia/Kolkata', // a wall clock is not moved by it
        totals: ALL,
      },
    ],
  },
  {
    file: 'football.json',
    rows: 6508,
    types: {
      date: 'date',
      division: 'text',
      home_team: 'text',
      away_team: 'text',
      home_score: 'integer',
      away_score: 'integer',
    },
    pivots: [
      {
        rows: ['division', 'home_team'],
        columns: ['home_score'],
        measures: [count, { agg: 'sum', field: 'away_score' }],
        totals: ALL,
        fill: 'zero',
      },
    ],
  },
  {
    file: 'species.csv',
    rows: 12_360,
    types: {
      item_id: 'text',
      common_name: 'text',
      scientific_name: 'text',
      gap_species_code: 'text',
      county_id: 'text',
      habitat_yearround_pct: 'decimal(4)',
    },
    pivots: [
      {
        rows: ['common_name'],
        measures: [
          { agg: 'sum', field: 'habitat_yearround_pct' },
          { agg: 'min', field: 'county_id' },
        ],
        totals: ALL,
      },
    ],
  },
];
