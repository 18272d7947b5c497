create table if not exists freehold.cell (
    number integer primary key check (number between 1 and 9999),
    role_name name not null unique,
    gate_name name not null unique,
    opened_at timestamptz not null default clock_timestamp()
);
comment on table freehold.cell is 'A shard of roles: one provisioner that makes, and one gate that reaches, cell_capacity tenants at most. '
    'Membership costs grow with their number, so no role is a member of more than a cell''s.';
comment on column freehold.cell.role_name is
    'Creates and erases the tenants of this cell; CREATEROLE, no login, reached through one definer function.';
comment on column freehold.cell.gate_name is
    'What gate_grant() grants to an application''s login for one cell: it may SET ROLE to the runtime roles of the cell, and inherits '
    'none. For all cells it grants the group of all gates, which is a member of each.';
