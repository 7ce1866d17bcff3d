outbox-number = Số
outbox-bot = Bot
outbox-room = Phòng
outbox-state = Trạng thái
outbox-kind = Loại sự kiện
outbox-batch = Thuộc đợt
outbox-attempts = Số lần gửi
outbox-count = Số tin
outbox-oldest = Cũ nhất
outbox-written = Viết lúc
outbox-due = Gửi lúc
outbox-tried = Gửi lần đầu
outbox-settled = Xong lúc
outbox-event = Sự kiện
outbox-transaction = Mã giao dịch
outbox-content = Nội dung
outbox-error = Lý do
outbox-content-gone = đã xóa
outbox-state-is = { $state ->
    [waiting] đang chờ
    [taken] đang gửi
    [sent] đã gửi
    [dead] không gửi được
   *[dropped] đã bỏ
}
outbox-priority = Mức ưu tiên
outbox-priority-is = { $priority ->
    [urgent] khẩn
    [reply] trả lời
    [announcement] thông báo
   *[digest] bản tổng hợp
}
outbox-empty = Chưa có tin nào trong hộp thư đi.
outbox-none-such = Không có tin nào như vậy.
outbox-dead-how = Xem lý do: huep bots outbox list --state-of dead. Gửi lại: huep bots outbox resend SỐ --by TÊN.
outbox-say-which = Hãy cho biết là những mục nào: các số của chúng, hoặc --all-dead.
outbox-no-such = Không làm được với mục số { $numbers }: không có mục đó, hoặc mục đang ở trạng thái khác. Chưa có gì thay đổi.
outbox-resent = { $count } tin sẽ được gửi lại, mỗi tin một lần.
outbox-dropped = Đã bỏ { $count } tin.
inbox-none-dead = Không có sự kiện nào bị gác lại.
inbox-dead-how = Thử lại: huep bots inbox retry SỐ --by TÊN. Bỏ đi: huep bots inbox drop SỐ --by TÊN.
inbox-retried = { $count } sự kiện sẽ được xử lý lại.
inbox-dropped = Đã bỏ { $count } sự kiện.
