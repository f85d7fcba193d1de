/** One statement of the workload. */
export interface WorkloadStep {
  readonly pipeline: "shop_eu" | "lake_us"
  readonly ask: string
  /** Whether data from the EU really leaves it by this statement: what a gateway should stop, and nothing else. */
  readonly moves?: true
}

/** What one agent does in one go: a run. */
export interface WorkloadRun {
  readonly agent: string
  readonly id: string
  readonly steps: ReadonlyArray<WorkloadStep>
}

type Task = (n: number) => ReadonlyArray<WorkloadStep>
const eu = (ask: string): WorkloadStep => ({ pipeline: "shop_eu", ask })
const us = (ask: string): WorkloadStep => ({ pipeline: "lake_us", ask })
const moves = (step: WorkloadStep): WorkloadStep => ({ ...step, moves: true })

/** An agent that answers customers. Its model is abroad: it may see them masked. */
const support: ReadonlyArray<Task> = [
  (n) => [
    eu(`select name, email from customers where id = ${n}`),
    eu(`select subject from tickets where customer_id = ${n} and status = 'open'`),
    eu(`select id, total, placed from orders where customer_id = ${n} order by placed desc limit 5`),
    eu(`update tickets set status = 'answered' where id = ${n}`),
    eu(`select id, status from tickets where customer_id = ${n}`),
    eu(`select name, price from products order by price limit 3`),
    eu(`select count(*) from tickets where status = 'open'`),
    eu(`select phone from customers where id = ${n}`)
  ],
  (n) => [
    eu(`select subject, body from tickets where id = ${n}`),
    eu(`select name from customers where id = ${n}`),
    eu(`select name, price from products where id = ${n % 40}`),
    eu(`select id, total from orders where customer_id = ${n}`),
    moves(eu(`select region, created from customers where id = ${n}`)),
    eu(`select id from tickets where status = 'open' limit 1`),
    us(`select name from products where id = ${n % 40}`),
    us(`select kind, amount from events order by day desc limit 5`)
  ]
]

/** An agent that makes reports, at home, and publishes counts abroad. */
const analytics: ReadonlyArray<Task> = [
  (n) => [
    eu(`select region, count(*) from customers group by region`),
    eu(`select placed, sum(total) from orders group by placed order by placed desc limit 30`),
    eu(`select avg(total) from orders where placed > current_date - ${n % 90}`),
    eu(`select kind, sum(amount) from events group by kind`),
    us(`insert into events values (current_date, 'orders', 'eu', ${n * 17})`),
    us(`select kind, sum(amount) from events group by kind`),
    us(`select name, price from products order by price desc limit 10`),
    eu(`select count(*) from invoices where not paid`)
  ],
  (n) => [
    eu(`select id, region from customers where id % 97 = ${n % 97}`),
    eu(`select customer_id, count(*) from orders group by customer_id having count(*) > 3`),
    eu(`select p.name, p.price from products p where p.price > ${n % 50}`),
    us(`select region, sum(amount) from events group by region`),
    moves(us(`insert into scratch values (${n}, 'person-${n}@example.com ordered most')`)),
    us(`select count(*) from scratch`),
    eu(`select status, count(*) from tickets group by status`),
    us(`insert into events values (current_date, 'tickets', 'eu', ${n})`)
  ]
]

/** A pipeline of programs that fills the lake. Now and then somebody has written a column too many into it. */
const etl: ReadonlyArray<Task> = [
  (n) => [
    eu(`select id, name, price from products where id % 10 = ${n % 10}`),
    us(`update products set price = price + 0 where id % 10 = ${n % 10}`),
    eu(`select day, kind, region, amount from events where day > current_date - 7`),
    us(`insert into events values (current_date, 'visits', 'eu', ${n})`),
    us(`select max(day) from events`),
    us(`delete from scratch where id < ${n}`),
    eu(`select count(*) from orders where placed = current_date`),
    us(`insert into events values (current_date, 'orders', 'eu', ${n % 900})`)
  ],
  (n) => [
    eu(`select id, customer_id, total from orders where id % 50 = ${n % 50}`),
    us(`insert into events values (current_date, 'revenue', 'eu', ${n * 3})`),
    moves(us(`insert into scratch values (${n}, 'customer ${n} owes 129.90')`)),
    us(`select note from scratch where id = ${n}`),
    eu(`copy (select id, name from products) to stdout`),
    eu(`select count(*) from events`),
    us(`select count(*) from products`),
    us(`delete from scratch where id = ${n}`)
  ]
]

/** An agent that writes programs, from the other side of the ocean. It looks at everything. */
const coding: ReadonlyArray<Task> = [
  (n) => [
    us(`select relname from pg_catalog.pg_class where relkind = 'r'`),
    us(`select id, name from products limit ${(n % 5) + 1}`),
    us(`create temporary table t${n} (id bigint, note text)`),
    us(`insert into scratch values (${n}, 'test data')`),
    us(`select note from scratch where id = ${n}`),
    eu(`select name, price from products limit 3`),
    moves(eu(`select id, region from customers limit 10`)),
    eu(`select kind, amount from events limit 10`)
  ],
  (n) => [
    eu(`select relname from pg_catalog.pg_class where relkind = 'r'`),
    eu(`select name, email from customers limit 3`),
    moves(eu(`select c.email, o.total from customers c join orders o on o.customer_id = c.id limit 3`)),
    moves(eu(`select iban from invoices limit 1`)),
    us(`select count(*) from events where region = 'us'`),
    us(`delete from scratch where id = ${n}`),
    us(`select name from products where price < ${n % 30}`),
    eu(`select 1`)
  ]
]

/** An agent that keeps the books, at home. */
const finance: ReadonlyArray<Task> = [
  (n) => [
    eu(`select id, order_id, total from invoices where not paid limit 20`),
    eu(`select id, total from orders where id = ${n}`),
    eu(`update invoices set paid = true where id = ${n}`),
    eu(`select sum(total) from invoices where paid`),
    eu(`select name, email from customers where id = ${n}`),
    eu(`insert into events values (current_date, 'paid', 'eu', 1)`),
    eu(`select count(*) from invoices where not paid`),
    eu(`select iban from invoices where id = ${n}`)
  ]
]

const agents: Readonly<Record<string, ReadonlyArray<Task>>> = { support, analytics, etl, coding, finance }

/** How often each agent is at work: the whole is 80 runs of eight statements, 640 in all. */
const shifts: Readonly<Record<string, number>> = { support: 24, analytics: 16, etl: 16, coding: 12, finance: 12 }

/** The workload, always the same: the agents take turns, as far as each has something left to do. */
export const workload = (): ReadonlyArray<WorkloadRun> => {
  const runs: Array<WorkloadRun> = []
  for (let turn = 0; turn < Math.max(...Object.values(shifts)); turn++) {
    for (const [agent, tasks] of Object.entries(agents)) {
      if (turn >= shifts[agent]!) continue
      const n = 1 + ((turn * 37 + runs.length * 11) % 200)
      runs.push({ agent: `agent-${agent}`, id: `${agent}-${turn}`, steps: tasks[turn % tasks.length]!(n) })
    }
  }
  return runs
}
