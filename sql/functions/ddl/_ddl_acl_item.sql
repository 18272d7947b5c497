create or replace function freehold._ddl_acl_item(acl aclitem[], base aclitem[])
returns table (identity text, verb text, privileges text, clause text)
language sql
stable
begin atomic
    select
        case when p.present then 'to ' else 'from ' end || freehold._ddl_role(p.grantee) || o.option,
        case when p.present then 'grant' else 'revoke' end,
        string_agg(lower(p.privilege_type), ', ' order by p.privilege_type collate "C"),
        case when p.present then 'to ' else 'from ' end || freehold._ddl_role(p.grantee) || o.option
    from (
        select x.grantee, x.privilege_type, bool_or(x.present), bool_or(x.present and x.is_grantable)
        from (
            select a.grantee, a.privilege_type, a.is_grantable, true from aclexplode(acl) a
            union all
            select b.grantee, b.privilege_type, b.is_grantable, false from aclexplode(base) b
        ) x (grantee, privilege_type, is_grantable, present)
        group by x.grantee, x.privilege_type
        having count(*) filter (where x.present) = 0
            or count(*) filter (where not x.present) = 0
            or bool_or(x.present and x.is_grantable)
    ) p (grantee, privilege_type, present, grantable)
    cross join lateral (select case when p.grantable then ' with grant option' else '' end) o (option)
    group by p.present, p.grantee, o.option;
end;

comment on function freehold._ddl_acl_item(aclitem[], aclitem[]) is
    'What to revoke and to grant to come from one ACL to another.';
