-- Whether a second person must approve: what the tenant's settings say, else the installation's. What cannot be read as no is yes.
create or replace function freehold._break_glass_approval(tenant freehold.tenant) returns boolean
    language sql stable security invoker
    return coalesce(lower(coalesce(tenant.settings ->> 'break_glass_approval', freehold._setting_value('break_glass_approval')))
                    not in ('off', 'false', 'no'), true);
