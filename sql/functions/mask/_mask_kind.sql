-- What a column is about, by its name in several languages and its class; null where the name tells nothing personal.
create or replace function freehold._mask_kind(column_name name, class text) returns text
    language sql immutable security invoker
    set search_path = pg_catalog, pg_temp
as $$
    select k.kind
    from (select lower(regexp_replace(regexp_replace(column_name::text, '([a-z0-9])([A-Z])', '\1_\2', 'g'),
                                      '[^[:alnum:]]+', '_', 'g'))) as c (name)
    cross join (values
        (1, 'secret', 'pass(word|wort|wd|phrase|code)?|pwd|contrasena|senha|mot_de_passe|secrets?|tokens?|(api|private|access|secret)_?key'
            '|credentials?|otp|totp|pin|cookie|jwt|session', 'text bytea uuid json jsonb other'),
        (2, 'email', 'e_?mails?|mail|correo|courriel|posta|epost', 'text json jsonb other'),
        (3, 'phone', 'phones?|telephone|tel|mobile|cell|cellphone|fax|telefono?|telefoon|telefonnummer|handy|movil|celular|whatsapp'
            '|msisdn',
            'text integer numeric float json jsonb other'),
        (4, 'iban', 'iban|bic|swift|bank_?account|account_?(number|no)|kontonummer|cuenta|sort_?code',
            'text integer numeric json jsonb other'),
        (5, 'card', '(credit_?)?card|card_?(number|no|holder)|pan|cvv|cvc|kreditkarte|tarjeta', 'text integer numeric json jsonb other'),
        (6, 'identity', 'ssn|social_?security|nin|national_?id|passport|reisepass|pasaporte|passeport|personal_?(id|number|no)|personnummer'
            '|tax_?(id|number|no|code)|steuernummer|steuer_?id|vat|rut|dni|nie|nif|cpf|curp|cedula|codice_?fiscale|bsn|pesel'
            '|driver_?licen[sc]e|licen[sc]e_?(number|plate|no)|id_?card|ausweis|identity_?(number|card)',
            'text integer numeric json jsonb other'),
        (7, 'birth', 'birth|birthday|birth_?date|date_?of_?birth|born|dob|geburt(stag|sdatum)?|nacimiento|naissance|nascita|nascimento',
            'text date timestamp timestamptz time integer other'),
        (8, 'first_name', '(first|given|middle|maiden)_?names?|forename|vorname|prenom|nombres?|nome', 'text json jsonb other'),
        (9, 'last_name', '(last|family|sur)_?name|nachname|familienname|apellidos?|cognome|sobrenome|nom', 'text json jsonb other'),
        (10, 'company', '(company|organi[sz]ation|employer|legal)_?(name)?|firma|empresa|entreprise|azienda', 'text'),
        (11, 'name', '(full|display|user|nick|real|customer|contact|person|client|patient|student|employee|member|legal|owner|author)_?name'
            '|login|nick|signature|name', 'text json jsonb other'),
        (12, 'ip', 'ip|ip_?addr(ess)?|client_?ip|remote_?addr(ess)?|mac_?addr(ess)?|device_?id|user_?agent',
            'text inet cidr macaddr other'),
        (13, 'city', 'city|town|stadt|ciudad|ville|citta|cidade|plaats', 'text'),
        (14, 'street', 'addr|address(es)?|address_?(line)?_?[0-9]?|adresse|anschrift|direccion|indirizzo|endereco|adres|street|strasse'
            '|calle|rue|postal_?code|post_?code|zip|zip_?code|plz|postleitzahl|code_postal|cap|cep', 'text integer json jsonb other'),
        (15, 'geo', 'lat|lon|lng|latitude|longitude|geo|geolocation|gps|coordinates?|location|position_gps',
            'text float numeric place json jsonb other'),
        (16, 'special', 'gender|sex|geschlecht|genero|religion|ethnicity|nationality|race|salary|gehalt|diagnosis|health|blood_?type'
            '|disability|marital_?status|photo|avatar|picture', 'text bytea float numeric integer json jsonb other'),
        (17, 'url', 'homepage|website|profile_?url|linkedin|facebook|twitter|instagram', 'text'),
        (18, 'text', 'notes?|comments?|remarks?|bio|biography|messages?|body|transcript|bemerkung(en)?|notiz(en)?|notas?|comentarios?'
            '|commentaires?|observaciones|feedback', 'text json jsonb other')
    ) as k (place, kind, words, classes)
    where class = any (string_to_array(k.classes, ' '))
        and c.name ~ format('(^|_)(%s)($|_)', k.words)
        and c.name !~ '_(at|on|count|size|type|kind|status|state|format|enabled|verified|sent|required|template|locale|language)$'
        and not (k.kind = 'name' and c.name ~ '(^|_)(file|table|column|schema|host|domain|class|event|role|type|key|tag|template|queue'
                 '|index|function|plan|product|category|field|process|package|module|service|job|task|colou?r|font|icon|bucket)_?name$')
        and not (class in ('integer', 'uuid') and k.kind <> 'identity' and c.name ~ '_id$')
    order by k.place
    limit 1
$$;
