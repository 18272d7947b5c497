-- What a failure is: the server's or the plan's, which would meet every tenant (systemic); one that passes (retry); a tenant that
-- is no longer there (gone); or the tenant's own. The classes are PostgreSQL's, appendix A of its manual.
create or replace function freehold._failure_class(error_code text) returns text
    language sql immutable security invoker
    return case
        when error_code in ('55P03', '40P01', '40001', 'FH401') then 'retry'
        when error_code in ('FH101', 'FH202') then 'gone'
        -- A setting of the tenant's that the migration asks for.
        when error_code = 'FH008' then 'tenant'
        when left(error_code, 2) in ('08', '53', '58', 'XX', 'F0') or left(error_code, 3) in ('57P', 'FH0', 'FH2')
            or error_code in ('25006', '42601') then 'systemic'
        else 'tenant'
    end;
