create table public.customers (id integer primary key, name text, email text, ssn text, phone text);
create table public.invoices (id integer primary key, customer integer references public.customers, amount numeric);
