create table public.customers (id integer primary key, name text, email text);
