crash-loop = Bot "{ $bot }" không chạy ổn định: { $crashes } lần dừng trong { $minutes } phút gần đây, lần cuối vì { $last }. Bạn chạy `huep bots doctor` trên máy chủ để biết nguyên nhân nhé.
