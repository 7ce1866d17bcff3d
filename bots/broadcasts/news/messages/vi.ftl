## Trong phòng của người vận hành

news-held-back = ⚠️ { $source } gửi quá nhiều tin trong một giờ: phần còn lại sẽ được phát dần trong những giờ sau. Xem `huep bots news`.
news-unread = ⚠️ Tôi chưa đọc được tin của { $source }: { $reason } Xem `huep bots news`.
news-misdeclared = ⚠️ Khai báo nguồn tin { $source } chưa dùng được, nên tin của nguồn này sẽ không được phát: { $reason }

## huep bots news

none-declared = Chưa khai báo nguồn tin nào trong huep.toml.
source = Nguồn
kind = Loại
kind-is = { $kind ->
    [feed] RSS/Atom
    [webhook] webhook
   *[mailbox] hộp thư
}
place = Nơi
heard = Lần cuối
next = Lần tới
announced = Đã phát
waiting = Đang chờ
fault = Lỗi
now = ngay
would-announce = { $count ->
    [0] Không có tin mới nào sẽ được phát.
   *[other] { $count } tin mới sẽ được phát; các tin khác đã biết hoặc đã cũ. Chưa có gì được phát.
}
first-time = Nguồn này chưa được đọc lần nào: các tin đang có sẽ được ghi nhận mà không phát.
feed-broken = Nguồn này bị lỗi ({ $complaint }); đọc được đến đâu dùng đến đó.
item-known = đã biết
item-old = đã cũ
item-new = mới
item = Tin
published = Đăng lúc
mail-passed-over = Bỏ qua một thư: { $reason }.
webhook-waits = Hệ thống khác gửi POST đến { $url }; tôi không hỏi ai.
webhook-secret = Khoá ký là tệp secrets/{ $name } của thư mục trạng thái: { $there ->
    [yes] đã có.
   *[no] chưa có, hoặc ngắn hơn { $least } ký tự.
}
answers = Người chịu trách nhiệm hôm nay: { $name }.
means = Gửi: { $words }, hôm nay { $people } người.
