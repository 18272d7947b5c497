-- depends: 0001.foundation

create table team (
    id integer generated always as identity primary key,
    name text not null constraint team_name unique,
    lead_id uuid,
    created_at timestamptz not null default now()
);
comment on table team is 'A group of agents; queues are assigned to teams.';

create table agent (
    id uuid primary key default gen_random_uuid(),
    team_id integer not null constraint agent_team references team,
    manager_id uuid constraint agent_manager references agent on delete set null,
    full_name text not null,
    email email not null,
    active boolean not null default true,
    languages text[] not null default '{en}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint agent_own_manager check (manager_id <> id)
);
comment on table agent is 'Who answers. People who left stay, inactive, since messages name them.';

-- A team needs its lead and an agent needs a team: one transaction may begin with either.
alter table team
    add constraint team_lead foreign key (lead_id) references agent on delete set null
    deferrable initially deferred;

create unique index agent_email on agent (email_key(email));
create index agent_team_active on agent (team_id) where active;
create index agent_manager on agent (manager_id) where manager_id is not null;
create index agent_languages on agent using gin (languages);

create table customer (
    id uuid primary key default gen_random_uuid(),
    reference text constraint customer_reference unique,
    name text not null,
    tier customer_tier not null default 'standard',
    domains text[] not null default '{}',
    notes text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table customer is 'A company that is served; its people are contacts.';
comment on column customer.reference is 'The number by which the books know this customer.';
comment on column customer.domains is 'Mail from these domains is taken to be from this customer.';

create index customer_name on customer (lower(name) text_pattern_ops);
create index customer_domains on customer using gin (domains);

create table contact (
    id uuid primary key default gen_random_uuid(),
    customer_id uuid not null constraint contact_customer references customer on delete cascade,
    full_name text not null,
    email email not null,
    phone varchar(32),
    locale varchar(8) not null default 'en',
    blocked_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table contact is 'A person at a customer.';

create unique index contact_email on contact (email_key(email));
create index contact_customer on contact (customer_id) include (full_name);

create trigger agent_touch before update on agent
for each row when (old.* is distinct from new.*) execute function row_touch();
create trigger customer_touch before update on customer
for each row when (old.* is distinct from new.*) execute function row_touch();
create trigger contact_touch before update on contact
for each row when (old.* is distinct from new.*) execute function row_touch();
