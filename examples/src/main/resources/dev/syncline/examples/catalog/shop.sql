-- The shop thinks in relations.
create table if not exists category (
  id bigint generated always as identity primary key,
  path varchar(400) not null unique,
  name varchar(100) not null
);

create table if not exists article (
  article_no varchar(40) primary key,
  revision bigint not null,
  name varchar(200) not null,
  long_text varchar(2000),
  price_eur decimal(12, 2) not null,
  weight_kg decimal(10, 3) not null,
  category_id bigint not null references category,
  available int not null,
  buyable boolean not null
);

create table if not exists article_property (
  article_no varchar(40) not null references article on delete cascade,
  name varchar(60) not null,
  text varchar(200) not null,
  primary key (article_no, name)
);
