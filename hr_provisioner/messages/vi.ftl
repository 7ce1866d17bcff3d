## Đọc sổ
read-totals = Đọc { $rows } dòng: { $people } người, { $units } đơn vị, { $faults } lỗi bị cách ly.
quarantine-title = Dòng bị cách ly
quarantine-file = Tệp
quarantine-row = Dòng
quarantine-column = Cột
quarantine-value = Giá trị
quarantine-officer = Mã cán bộ
quarantine-reason = Lý do
more = … và { $count } mục nữa
more-in-json = … và { $count } mục nữa (xem đầy đủ bằng --json)

## Lý do cách ly: từng ô
date-impossible = Ngày không có thật: hãy ghi như 31/12/1980 hoặc 1980-12-31, năm từ { $earliest } đến { $latest }.
code-malformed = Mã chỉ gồm chữ không dấu, chữ số và các dấu . - _ / ở giữa.
email-malformed = Thư công vụ không phải là một địa chỉ thư điện tử.
word-unknown = Không hiểu giá trị này; hãy dùng một trong các giá trị đã quy định cho cột.
row-too-long = Dòng có nhiều ô hơn tiêu đề (thừa: { $surplus }); các ô có thể đã lệch cột.
unit-code-missing = Thiếu mã đơn vị.
end-before-start = Ngày kết thúc trước ngày bắt đầu.

## Lý do cách ly: đơn vị
unit-name-missing = Thiếu tên đơn vị.
unit-level-wrong = Cấp bậc phải là số từ 0 (thành phố) đến { $deepest }.
unit-parent-wrong = Chỉ đơn vị cấp bậc 0 không có mã cấp trên, và mọi đơn vị khác phải có.
unit-code-taken = Mã đơn vị này đã dùng cho "{ $name }" ở dòng { $row }.
unit-parent-unknown = Không có đơn vị cấp trên nào mang mã này.
unit-in-circle = Chuỗi cấp trên quay vòng: đơn vị này nằm dưới chính nó.
unit-not-below = Cấp bậc phải lớn hơn cấp bậc { $level } của đơn vị cấp trên { $parent }.
unit-parent-held = Đơn vị cấp trên { $parent } đang bị tạm giữ vì dòng của nó có lỗi.

## Lý do cách ly: cán bộ
officer-code-missing = Thiếu mã cán bộ.
name-missing = Thiếu họ và tên.
born-after-post = Ngày sinh sau ngày bắt đầu vị trí.
last-day-before-post = Ngày làm việc cuối trước ngày bắt đầu vị trí.
status-start-missing = Thiếu ngày bắt đầu của tình trạng này.
last-day-missing = Người đã nghỉ phải có ngày làm việc cuối.
post-start-missing = Thiếu ngày bắt đầu vị trí.
post-missing = Cán bộ không có vị trí nào.
unit-held = Đơn vị này đang bị tạm giữ vì dòng của nó có lỗi.
unit-unknown = Không có đơn vị nào mang mã này.
position-missing = Thiếu chức vụ.
officer-code-taken = Mã này đã là của "{ $name }", ở dòng { $row }.
officer-code-taken-born = Mã này đã là của "{ $name }", sinh { $born }, ở dòng { $row }.
service-differs = Tình trạng công tác khác với dòng { $row } của cùng một người.

## Sổ không đọc được
source-unreadable = Không đọc được sổ { $name }: { $reason }.
source-empty = Sổ { $name } trống: cần một dòng tiêu đề và dữ liệu bên dưới.
source-column-missing = Sổ { $name } thiếu cột { $columns }; tiêu đề nằm ở dòng đầu tiên.
source-column-repeated = Sổ { $name } có cột "{ $column }" hai lần; hãy bỏ hoặc đổi tên một cột.
unreadable-missing = không có tệp hay thư mục này
unreadable-kind = cần một tệp .xlsx, hoặc một thư mục chứa { $posts } và { $units }
unreadable-system = hệ điều hành báo "{ $error }"
unreadable-encoding = byte { $position } không phải { $encoding }; hãy lưu lại dạng CSV UTF-8
unreadable-csv = dòng { $row } không phải CSV ({ $error })
unreadable-workbook = đây không phải tệp XLSX, hoặc tệp đã hỏng
unreadable-no-sheet = không có trang tính "{ $wanted }", chỉ có { $found }
unreadable-sheet = trang tính đã hỏng

## Kế hoạch
plan-empty = Không có gì để làm: danh bạ đã khớp với sổ.
plan-id = Kế hoạch { $sha256 } cho ngày { $day }
plan-title = Kế hoạch
plan-by-unit = Theo đơn vị
plan-concerned = Đối tượng có liên quan
plan-deed = Việc
plan-count = Số lượng
plan-unit = Đơn vị
plan-subject = Đối tượng
plan-details = Chi tiết
action-lock_account = Khóa tài khoản
action-unlock_account = Mở lại tài khoản
action-create_account = Tạo tài khoản
action-rename_account = Đổi tên hiển thị
action-move_person = Thay đổi vị trí
action-update_person = Cập nhật thông tin
action-open_unit = Thêm đơn vị
action-change_unit = Đổi đơn vị
action-close_unit = Giải thể đơn vị
since = từ { $day }
last-day = ngày làm việc cuối { $day }
fact-full_name = họ tên
fact-birth_date = ngày sinh
fact-email = thư điện tử
fact-retires_on = ngày nghỉ hưu
fact-leaves_on = ngày làm việc cuối
fact-absence = vắng dài ngày
post-lost = thôi { $position } ({ $unit })
post-gained = nhận { $position } ({ $unit })
post-changed = sửa { $position } ({ $unit })
left-frozen = { $count } người đóng băng vì có dòng bị cách ly
left-absent = { $count } người không có trong sổ, giữ nguyên (vắng tên không bao giờ làm khóa tài khoản)
left-without_post = { $count } người không còn vị trí nào nhưng sổ không ghi thôi việc, giữ nguyên
left-awaiting = { $count } người chưa đến ngày nhận việc, chưa có tài khoản
remark-quarantined = Dòng bị cách ly: { $count } (thường không quá { $usual })
remark-absent = Người vắng trong sổ: { $count } (thường không quá { $usual })
remark-renames = Đổi tên hiển thị: { $count } (thường không quá { $usual })
remark-moves = Thay đổi vị trí: { $count } (thường không quá { $usual })
too-many-locks = Kế hoạch khóa { $locks } trên { $accounts } tài khoản đang mở, mỗi lần chỉ được khóa tối đa { $limit }: chưa làm gì cả. Hãy kiểm tra cột ngày làm việc cuối trong sổ, hoặc đưa người thôi việc vào bằng nhiều sổ nhỏ hơn.

## Thực hiện
confirm = Thực hiện kế hoạch này?
not-confirmed = Chưa làm gì cả.
already-running = Một lần `huep hr apply` khác đang chạy: hãy chờ đến khi xong.
interrupted = Lần chạy { $at } của { $actor } bị ngắt khi đã làm { $done } việc; kế hoạch dưới đây gồm phần còn lại.
stage-lock = Khóa tài khoản
stage-units = Đơn vị
stage-unlock = Mở lại tài khoản
stage-create = Tạo tài khoản
stage-directory = Danh bạ
stage-rename = Đổi tên hiển thị
stage-close_units = Giải thể đơn vị
done = Đã làm { $done } việc, { $failed } việc không được.
rate = { $rate }/giây
joins = Vào phòng
joins-urgent = { $count } lượt vào phòng khẩn; còn lại: `huep hr joins`.
joins-elsewhere = Việc đưa người vào phòng đang do một tiến trình khác làm (xem `huep status`).
joins-done = Mọi người đã ở trong phòng của đơn vị mình ({ $count } thay đổi).
joins-progress = { $done }/{ $total } lượt vào phòng, còn { $left }, { NUMBER($rate, minimumFractionDigits: 1, maximumFractionDigits: 1) }/giây, { $units } đơn vị mới có phòng

## Sổ mẫu
demo-writing = Đang viết hồ sơ nhân sự mẫu…
demo-written = { $people } người, { $units } đơn vị, trong { $folder }:
