-- Words that fakes are made of.
create or replace function freehold._mask_words(kind text) returns text[]
    language sql immutable security invoker
begin atomic
    select case kind
        when 'first_name' then array[
            'Ada', 'Alba', 'Amir', 'Anna', 'Bela', 'Bruno', 'Carla', 'Chidi', 'Clara', 'Dario', 'Edda', 'Elif', 'Emil', 'Enzo', 'Eva',
            'Felix', 'Frida', 'Goran', 'Hana', 'Hugo', 'Ida', 'Igor', 'Ines', 'Ivan', 'Jana', 'Joel', 'Jun', 'Kai', 'Karin', 'Lars',
            'Lea', 'Leo', 'Lina', 'Luis', 'Maja', 'Marek', 'Mila', 'Mina', 'Nadia', 'Nils', 'Noor', 'Nora', 'Olga', 'Omar', 'Otto',
            'Pablo', 'Petra', 'Rana', 'Rosa', 'Ruben', 'Sara', 'Selma', 'Sven', 'Tariq', 'Tessa', 'Tomas', 'Uma', 'Vera', 'Viktor',
            'Wanda', 'Yara', 'Yusuf', 'Zara', 'Zoe']
        when 'last_name' then array[
            'Abel', 'Aydin', 'Bauer', 'Berg', 'Blanc', 'Brandt', 'Castro', 'Cohen', 'Costa', 'Dahl', 'Diaz', 'Dubois', 'Eze', 'Falk',
            'Ferrari', 'Fischer', 'Fuentes', 'Garcia', 'Gupta', 'Haas', 'Hansen', 'Horvat', 'Ito', 'Ivanov', 'Jansen', 'Kaya', 'Keller',
            'Khan', 'Kim', 'Klein', 'Kovac', 'Lang', 'Leroy', 'Lima', 'Lopez', 'Lund', 'Maier', 'Marin', 'Meyer', 'Moreau', 'Nagy',
            'Novak', 'Okafor', 'Olsen', 'Park', 'Pereira', 'Petrov', 'Popa', 'Ramos', 'Ricci', 'Rossi', 'Sato', 'Schmidt', 'Silva',
            'Singh', 'Sousa', 'Suzuki', 'Tanaka', 'Vega', 'Vogel', 'Weber', 'Wolf', 'Yilmaz', 'Zhang']
        when 'street' then array[
            'Acacia Road', 'Birch Lane', 'Bridge Street', 'Canal Street', 'Castle Road', 'Cedar Avenue', 'Chapel Lane', 'Church Street',
            'Elm Street', 'Forest Road', 'Garden Way', 'Harbour Street', 'High Street', 'Hill Road', 'Lake Road', 'Linden Avenue',
            'Maple Street', 'Market Square', 'Meadow Lane', 'Mill Road', 'North Street', 'Oak Avenue', 'Orchard Road', 'Park Lane',
            'Pine Street', 'River Road', 'School Lane', 'Spring Street', 'Station Road', 'Sunset Avenue', 'Valley Road', 'Willow Way']
        when 'city' then array[
            'Ashford', 'Bergen', 'Brookfield', 'Clearwater', 'Dunmore', 'Eastvale', 'Fairview', 'Glenwood', 'Greenfield', 'Hillcrest',
            'Kingsport', 'Lakeside', 'Linden', 'Marlow', 'Millbrook', 'Newbridge', 'Northfield', 'Oakdale', 'Portsea', 'Ravenna',
            'Riverton', 'Rosedale', 'Salem', 'Seaford', 'Springfield', 'Stonebridge', 'Sunbury', 'Thornton', 'Westbrook', 'Weston',
            'Winfield', 'Woodside']
        when 'company' then array[
            'Aurora', 'Birch', 'Cobalt', 'Delta', 'Ember', 'Fjord', 'Granite', 'Harbor', 'Indigo', 'Juniper', 'Keystone', 'Lumen',
            'Meridian', 'Nimbus', 'Orchid', 'Pioneer', 'Quartz', 'Ridge', 'Summit', 'Tundra', 'Umber', 'Vertex', 'Willow', 'Zenith']
        when 'trade' then array['Foods', 'Logistics', 'Robotics', 'Textiles', 'Energy', 'Media', 'Tools', 'Trading']
    end;
end;
