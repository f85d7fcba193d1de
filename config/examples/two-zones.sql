create table customers (id bigint primary key, name text, email text, phone text, region text, created date);
create table tickets (id bigint primary key, customer_id bigint, subject text, body text, status text);
create table orders (id bigint primary key, customer_id bigint, total numeric, placed date);
create table invoices (id bigint primary key, order_id bigint, iban text, total numeric, paid boolean);
create table products (id bigint primary key, name text, price numeric);
create table events (day date, kind text, region text, amount bigint);
create table scratch (id bigint, note text);
create table contracts (id bigint primary key, title text, body text);
