create table public.customers (id integer primary key, name text, email text, phone text);
create table public.orders (id integer primary key, customer integer references public.customers, amount numeric);
create table public.diagnoses (id integer primary key, patient text, diagnosis text);
create table public.citizens (id integer primary key, name text);
create table public.accounts (id integer primary key, name text);
create table public.faces (id integer primary key, account integer);
create table public.members (id integer primary key, name text, region text);
