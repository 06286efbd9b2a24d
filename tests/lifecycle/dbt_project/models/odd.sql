select * from (pivot {{ ref('orders') }} on person using sum(amount))
