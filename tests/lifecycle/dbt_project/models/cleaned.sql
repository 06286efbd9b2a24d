select id, md5(email) as mail_key, born, city from {{ ref('people') }} where born > 1900
