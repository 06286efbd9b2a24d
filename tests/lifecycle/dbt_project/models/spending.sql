select p.id, p.mail_key, 2026 - p.born as age, sum(o.amount) as spent
from {{ ref('cleaned') }} p join {{ ref('orders') }} o on o.person = p.id
group by 1, 2, 3
