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
source-column-missing = Sổ { $name } thiếu cột { $columns }; `huep hr inspect` cho thấy từng tiêu đề được hiểu thế nào.
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
left-absent = { $count } người không có trong sổ, giữ nguyên (vắng tên một lần không làm khóa tài khoản)
left-without_post = { $count } người không còn vị trí nào nhưng sổ không ghi thôi việc, giữ nguyên
left-awaiting = { $count } người chưa đến ngày nhận việc, chưa có tài khoản
remark-quarantined = Dòng bị cách ly: { $count } (thường không quá { $usual })
remark-absent = Người vắng trong sổ: { $count } (thường không quá { $usual })

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
joins-progress = { $done }/{ $total } lượt vào phòng, còn { $left }, { NUMBER($rate, minimumFractionDigits: 1, maximumFractionDigits: 1) }/giây, { $units } đơn vị mới có phòng, { $changed } đơn vị có phòng thay đổi

## Sổ mẫu
demo-writing = Đang viết hồ sơ nhân sự mẫu…
demo-written = { $people } người, { $units } đơn vị, trong { $folder }:

# Lý do khóa, rút lại đơn vị
action-withdraw_unit = Rút lại đơn vị
lock-dismissed = buộc thôi việc
lock-absent = vắng tên trong sổ quá lâu
lock-on_leave = nghỉ dài ngày
lock-undone = lượt chạy đã được hoàn tác
lock-security = khóa an ninh mà máy chủ đã mất
left-protected = { $count } người có tài khoản được bảo vệ, giữ nguyên
left-twins = { $count } cặp mã có thể là một người, chờ cán bộ quyết định (huep hr twins)
left-moved_on = { $count } việc không hoàn tác vì đã đổi từ sau lượt chạy ấy
left-absent-since = vắng { $snapshots } kỳ, từ { $day }

## Sổ có trọn vẹn không: ô sai
code-is-a-number = Bảng tính đã biến mã này thành số, có thể mất số 0 ở đầu: định dạng cột mã là "Văn bản" rồi xuất lại.
name-characters = Họ tên có ký tự lạ (ký hiệu, chữ của bảng chữ khác, ký tự ẩn hoặc sai bảng mã): hãy gõ lại bằng Unicode.
text-characters = Ô này có ký tự ẩn hoặc ký tự giải mã hỏng: hãy gõ lại.
text-too-long = Ô này dài hơn { $most } ký tự.
formula-in-cell = Ô này là công thức hoặc lỗi công thức (#REF!, #N/A, …): hãy dán giá trị thay cho công thức.
unit-successor-unknown = Không có đơn vị kế thừa nào mang mã này; đơn vị được giữ nhưng không có đơn vị kế thừa.

## Sổ bị từ chối
snapshot-nothing-in = Sổ đọc được { $rows } dòng, { $people } người, { $units } đơn vị hợp lệ: sổ trống thì không phải là sổ. Chưa làm gì cả; hãy xuất lại.
snapshot-cut = Sổ bị cắt: đọc được { $rows } dòng, nguồn ghi { $stated }. Chưa làm gì cả; hãy xuất lại.
snapshot-not-ended = Sổ bị cắt: sau { $rows } dòng nguồn dừng lại mà chưa đến hết. Chưa làm gì cả; hãy xuất lại.
snapshot-older = Sổ xuất lúc { $exported } không mới hơn sổ đã nhận lần trước (xuất lúc { $accepted }). Chưa làm gì cả; hãy kiểm tra xem có lấy nhầm tệp cũ không.
snapshot-future = Sổ ghi xuất lúc { $exported }, sau bây giờ ({ $now }) hơn { $minutes } phút. Chưa làm gì cả; hãy chỉnh đồng hồ của máy xuất sổ.
snapshot-heading-again = Bảng { $table } có lại dòng tiêu đề ở dòng { $row }: hai bảng đã bị dán vào một. Chưa làm gì cả.
snapshot-column-shifted = Cột "{ $column }" của bảng { $table } có { $faults } trên { $values } giá trị không hiểu được: các ô có lẽ đã lệch cột. Chưa làm gì cả.
snapshot-month-first = Cột "{ $column }" của bảng { $table } có { $count } ngày viết tháng trước (như 07/31/2025): những ngày khác trong cột sẽ bị hiểu sai. Chưa làm gì cả; hãy xuất lại với ngày trước tháng.
snapshot-column-gone = Cột "{ $column }" của bảng { $table } lần trước có { $before } giá trị, nay không còn. Chưa làm gì cả; hãy xuất lại đủ cột.
snapshot-doubled = { $repeated } trên { $rows } dòng lặp lại nguyên văn dòng khác: một phần của sổ đã bị chép hai lần. Chưa làm gì cả.
snapshot-two-provinces = Sổ có { $count } đơn vị cấp 0 ({ $codes }), chỉ được có một: có lẽ hai sổ của hai nơi bị trộn. Chưa làm gì cả.
snapshot-units-vanished = Chỉ còn { $kept } trên { $before } đơn vị của sổ lần trước. Chưa làm gì cả; đơn vị giải thể thì ghi ngày kết thúc chứ không bỏ khỏi sổ.
snapshot-other-people = Chỉ khoảng { $percent } % mã cán bộ của sổ lần trước còn trong sổ này: mã đã bị đổi, hoặc đây là sổ của nơi khác. Chưa làm gì cả.
snapshot-everybody-left = Theo sổ này { $left } trên { $people } người đã nghỉ việc, lần trước là { $before }. Chưa làm gì cả; hãy kiểm tra cột tình trạng và ngày làm việc cuối.
snapshot-overtaken = Sổ này xuất lúc { $exported } đã bị sổ xuất lúc { $accepted } vượt qua, không còn nhận được nữa.
snapshot-unknown = Không có sổ nào có mã { $hash }.
snapshot-expired = Nội dung của sổ { $hash } đã hết hạn lưu và bị xóa.

## Sổ phải chờ hai người duyệt
parked-first = Đây là sổ đầu tiên: chưa có sổ nào để so.
parked-rows = Sổ có { $rows } dòng, lần trước { $before }: lệch quá { $percent } %.
parked-quarantine = { $quarantined } trên { $rows } dòng bị cách ly: quá { $percent } %.
parked-turnover = Khoảng { $gone } % người của sổ lần trước không còn tên, khoảng { $new } % người là mới.
parked-changed = Khoảng { $percent } % người có { $what } khác lần trước.
parked-units = { $gone } đơn vị của sổ lần trước không còn trong sổ.
parked-units-ended = { $ended } trên { $units } đơn vị của sổ lần trước nay có ngày kết thúc.
parked-leavers-back = { $count } trên { $before } người đã có ngày làm việc cuối nay không còn ngày đó.
parked-old-content = Nội dung giống hệt sổ xuất lúc { $exported } đã dùng trước đây, cũ hơn sổ gần nhất ({ $last }): có lẽ là tệp cũ chép lại.
parked-thin = Cột "{ $column }" của bảng { $table } lần trước có { $before } giá trị, nay chỉ còn { $now }.
parked-stale = Vị trí mới nhất trong sổ bắt đầu { $newest }, của sổ lần trước là { $before }: sổ này có lẽ là sổ cũ.
table-posts = cán bộ
table-units = đơn vị
changed-name = họ tên
changed-birth = ngày sinh
changed-posts = vị trí
changed-service = tình trạng hoặc ngày làm việc cuối

# Phòng của đơn vị
room-announcements-name = Thông báo · { $unit }
room-announcements-topic = Thông báo của { $unit }
room-discussion-name = Trao đổi · { $unit }
room-discussion-topic = Trao đổi công việc trong { $unit }
room-closed-name = { $name } (đã đóng)
room-closed-over = Đơn vị kết thúc hoạt động từ ngày { $day }. Phòng đã đóng: vẫn đọc được, không viết thêm được.
room-closed-moved = Đơn vị kết thúc hoạt động từ ngày { $day }; tiếp nhận: { $successors }. Phòng đã đóng: vẫn đọc được, không viết thêm được.

## Nguồn của sổ
source-mapped-column-missing = Sổ { $name } không có tiêu đề "{ $heading }" mà huep.toml ghi cho cột "{ $column }".
unreadable-old-font = chữ được gõ bằng bảng mã { $encoding }; hãy chuyển sang Unicode (UTF-8) rồi xuất lại
unreadable-database = cơ sở dữ liệu { $where } báo "{ $error }"
unreadable-no-view = cơ sở dữ liệu { $where } không có khung nhìn "{ $view }"
unreadable-no-right = người dùng { $user } của cơ sở dữ liệu { $where } không được đọc "{ $view }"
unreadable-http-status = máy chủ trả lời mã { $status }
unreadable-http = máy chủ không trả lời sau { $attempts } lần thử: { $error }
unreadable-answer = câu trả lời không phải một trang JSON gồm các dòng ({ $error })
unreadable-elsewhere = máy chủ dẫn sang địa chỉ khác ({ $address }), nơi không được phép đọc
unreadable-loop = máy chủ dẫn vòng về một trang đã đọc
unreadable-too-large = câu trả lời dài quá { $limit } MB
unreadable-changing = dữ liệu thay đổi trong lúc đọc; đã đọc lại { $attempts } lần
unreadable-kept = bản lưu của sổ đã hỏng

## Chốt an toàn: kế hoạch vượt ngưỡng
guard-trip-locks = Khóa { $count } tài khoản trong 24 giờ (ngưỡng { $limit })
guard-trip-unit = Khóa { $count } tài khoản của đơn vị { $unit } trong 24 giờ (ngưỡng { $limit })
guard-trip-unlocks = Mở lại { $count } tài khoản trong 24 giờ (ngưỡng { $limit })
guard-trip-creates = Tạo { $count } tài khoản trong 24 giờ (ngưỡng { $limit })
guard-trip-renames = Đổi { $count } tên hiển thị trong 24 giờ (ngưỡng { $limit })
guard-trip-moves = Thay đổi vị trí của { $count } người trong 24 giờ (ngưỡng { $limit })
guard-trip-updates = Sửa thông tin của { $count } người trong 24 giờ (ngưỡng { $limit })
guard-trip-units = Thay đổi, giải thể hoặc rút lại { $count } đơn vị trong 24 giờ (ngưỡng { $limit })
guard-and = { $first }; { $second }
guard-parked = Kế hoạch { $sha256 } được giữ lại chờ hai cán bộ phê duyệt: { $trips }. Xem bằng `huep hr parked`.
remark-repairs = Tài khoản phải khóa lại hoặc tạo lại vì máy chủ đã mất: { $count } (thường không quá { $usual })
remark-units = Đơn vị giải thể hoặc rút lại: { $count } (thường không quá { $usual })

## Chữ ký của cán bộ phê duyệt
sign-wrong-key = Chữ ký của { $officer } không phải bằng khóa đã đăng ký: hãy ký lại bằng khóa hiện hành.
sign-expired = Chữ ký của { $officer } đã hết hạn hoặc chưa đến hạn: hãy kiểm tra giờ của máy và ký lại.
sign-other-server = Tệp này dành cho máy chủ { $theirs }, không phải { $ours }.
sign-altered = { $name } đã bị sửa, hoặc không phải tệp cần ký hay chữ ký: hãy xuất lại và ký lại.
sign-key-unreadable = Không mở được khóa riêng { $path }: sai mật khẩu, hoặc không phải tệp khóa.
sign-key-exists = Đã có tệp { $path }: không ghi đè lên khóa; hãy chọn tên khác.
sign-passphrase = Mật khẩu của khóa
sign-passphrase-short = Mật khẩu của khóa phải có ít nhất { $shortest } ký tự.
sign-passphrase-unreadable = Không đọc được tệp mật khẩu { $path }.

## Cán bộ phê duyệt
officer-card-damaged = { $name } không phải thẻ công khai (.pub) của cán bộ phê duyệt, đã bị sửa, hoặc không khớp với khóa: hãy xin lại thẻ.
officer-card-old = Thẻ của { $officer } được tạo trước lần đăng ký hoặc loại bỏ gần nhất: hãy tạo khóa mới.
officer-too-few-founders = Cần ít nhất hai cán bộ khác nhau, mỗi người một mã và một khóa riêng, để bắt đầu.
officer-already-founded = Đã có { $count } cán bộ phê duyệt: người mới phải được hai người trong số đó ký (`huep hr officers enrol`).
officer-key-taken = Khóa này đã được đăng ký cho { $officer }: mỗi người phải có khóa riêng, khóa cũ không dùng lại.
officer-name-differs = Thẻ của { $officer } ghi tên "{ $name }", trong sổ là "{ $registered }": hãy tạo lại thẻ đúng tên.
officer-not-in-register = Sổ cán bộ không có mã { $officer }: chỉ người có trong sổ mới được phê duyệt.
officer-locked-by-hand = Tài khoản của { $who } đang bị khóa bằng tay: hãy mở lại (`huep hr unlock`); khóa không mở đường cho việc lập lại từ đầu.
officer-not-signed = Chưa đủ hai chữ ký hợp lệ cho { $officer } (mới có { $count }: { $who }).
officer-unknown = Không có cán bộ phê duyệt nào mang mã { $officer }.
officers-title = Cán bộ phê duyệt
officers-code = Mã
officers-name = Họ và tên
officers-key = Khóa công khai
officers-since = Từ
officers-by = Người ký nhận
officers-standing = Hiệu lực
officers-founder = (ban đầu)
officers-counts = có hiệu lực
officers-removed = đã loại
officers-locked = tài khoản bị khóa, không tính
officers-left = đã thôi việc, không tính
officers-key-made = Đã tạo khóa riêng { $key } (giữ kín trên máy này) và thẻ công khai { $card } (gửi cho người quản trị).
officers-founded = Đã đăng ký { $count } cán bộ phê duyệt đầu tiên.
officers-enrolled = Đã đăng ký { $name } ({ $officer }), người ký nhận: { $by }.
officers-gone = Đã loại { $officer } khỏi danh sách phê duyệt, người ký: { $by }.

## Chờ phê duyệt
approval-not-an-officer = { $officer } không phải cán bộ phê duyệt, hoặc đã bị loại, bị khóa hay thôi việc.
approval-already = { $officer } đã ký rồi: cần chữ ký của một người khác.
approval-not-waiting = Không có gì mang mã băm { $hash } đang chờ phê duyệt: có thể đã hết hạn, đã thực hiện, đã rút, hoặc đã có sổ mới hơn.
approval-ambiguous = Mã băm { $hash } quá ngắn hoặc trùng: hãy ghi từ { $shortest } ký tự trở lên, đủ để phân biệt.
approval-content-altered = Nội dung lưu của { $hash } không khớp với mã băm: cơ sở dữ liệu đã bị sửa từ bên ngoài.
approval-kept = Đã nhận chữ ký của { $officer } cho { $hash } ({ $count }/{ $needed }).
approval-enough-plan = Đã đủ chữ ký: kế hoạch được phép thực hiện.
approval-enough-snapshot = Đã đủ chữ ký: bản sổ này được chấp nhận.
approval-enough-officer = Đã đủ chữ ký: hãy chạy `huep hr officers enrol` với thẻ này.
approval-enough-remove-officer = Đã đủ chữ ký: hãy chạy `huep hr officers remove` với mã này.
approval-withdrawn = Đã rút { $hash }; các chữ ký của nó không còn giá trị.
approve-confirm = { $name } ({ $officer }) ký đồng ý nội dung trên?
approve-not-signed = Chưa ký gì cả.
approve-written = Đã ký; chữ ký nằm trong { $path }. Hãy gửi tệp này cho người quản trị.
parked-plan-only = Chỉ kế hoạch mới xuất được ra bảng tính.
request-unreadable = Không đọc được { $path }: không có tệp này, cũng không có HueP ở đây để tìm theo mã băm.
request-exists = Đã có tệp { $path }: hãy chọn tên khác.
request-written = Đã ghi { $path }. Tệp có dữ liệu cá nhân: chỉ giao cho người phê duyệt và xóa khi xong.
request-server = Máy chủ: { $server }
request-hash = Mã băm: { $hash }
request-until = Ký trước: { $until }
request-card = Cán bộ phê duyệt mới: { $name } ({ $officer }), khóa { $key }. Hãy hỏi trực tiếp người này xem khóa có đúng không.
request-removal = Loại khỏi danh sách phê duyệt: { $name } ({ $officer }), khóa { $key }
request-snapshot = Bản sổ từ { $source }, xuất lúc { $at }: { $rows } dòng, { $people } người, { $units } đơn vị, { $quarantined } dòng bị cách ly
request-sha256 = SHA-256 của tệp sổ: { $sha256 }. Hãy đối chiếu với tệp đã xuất.
waiting-nothing = Không có gì chờ phê duyệt.
waiting-title = Chờ hai cán bộ phê duyệt
waiting-hash = Mã băm
waiting-what = Nội dung
waiting-why = Vì sao
waiting-signed = Đã ký
waiting-until = Đến
waiting-plan-register = Kế hoạch từ sổ ({ $actor })
waiting-plan-undo = Kế hoạch hoàn tác ({ $actor })
waiting-plan-person = Kế hoạch cho từng người ({ $actor })
waiting-snapshot = Bản sổ từ { $source }: { $people } người, { $units } đơn vị

## Bảng tính của kế hoạch
sheet-totals = Tổng hợp
sheet-deeds = Chi tiết
sheet-left = Giữ nguyên
sheet-total = Tổng cộng
sheet-do = Việc
sheet-code = Mã
sheet-name = Họ tên hoặc đơn vị
sheet-unit = Đơn vị
sheet-before = Hiện nay
sheet-after = Sẽ là
sheet-reason = Lý do
sheet-details = Chi tiết
sheet-open = đang mở
sheet-locked = bị khóa
sheet-unlock = trở lại làm việc
sheet-again = máy chủ đã mất, làm lại
sheet-undone = hoàn tác
sheet-lock-left = thôi việc
sheet-lock-dismissed = buộc thôi việc, khóa ngay
sheet-lock-absent = vắng trong sổ quá lâu
sheet-lock-on_leave = nghỉ dài hạn
sheet-lock-undone = hoàn tác lần chạy đã tạo
sheet-lock-security = khóa an ninh đã mất
sheet-left-frozen = có dòng bị cách ly
sheet-left-absent = vắng trong sổ
sheet-left-without_post = không còn vị trí, sổ không ghi thôi việc
sheet-left-awaiting = chưa đến ngày làm việc đầu tiên
sheet-left-protected = tài khoản được bảo vệ
sheet-left-twins = có thể là một người mang hai mã
sheet-left-moved_on = đã thay đổi sau lần chạy cần hoàn tác

## Khóa bảo vệ
security-locked = Đã khóa tài khoản của { $code }; người đặt khóa: { $owner }.
security-lifted = Đã mở khóa bảo vệ của { $code }.
security-lifted-left = Đã gỡ khóa bảo vệ của { $code }; sổ ghi người này đã nghỉ nên tài khoản vẫn khóa, từ nay là khóa của ngành nội vụ.
security-no-account = Không có cán bộ mã { $code } nào có tài khoản: kiểm tra lại mã trong sổ.
security-protected = Tài khoản { $localpart } ({ $code }) được bảo vệ, không khóa được ở đây: việc này thuộc người quản trị máy chủ.
security-name-needed = Cần ghi rõ tên người đặt khóa (không dùng "hr") và lý do.
security-of-another = Khóa bảo vệ của { $code } do { $owner } đặt: người đó tự gỡ, hoặc ghi rõ --owner.
security-lock-of-hr = Khóa của { $code } do sổ nhân sự đặt: chỉ sổ mới mở được, hãy sửa trong sổ.
security-not-locked = Tài khoản của { $code } không bị khóa.

## Các lần chạy và việc hoàn tác
runs-title = Các lần chạy gần đây
runs-none = Chưa có lần chạy nào.
runs-run = Lần chạy
runs-began = Bắt đầu
runs-actor = Người chạy
runs-kind = Loại
runs-did = Đã làm
runs-left = Còn lại
runs-kind-register = sổ
runs-kind-person = từng người
runs-kind-undo = hoàn tác
runs-approved = đã được duyệt
runs-stood = { $count } việc đã có sẵn
runs-failed = { $count } việc hỏng
runs-open = { $count } việc chưa làm
undo-no-such-run = Không có lần chạy nào bắt đầu bằng { $run }: xem `huep hr runs`.
undo-several-runs = Có nhiều lần chạy bắt đầu bằng { $run }: ghi thêm vài ký tự (ít nhất { $shortest }).

## Mã kích hoạt
slip-title = Mã kích hoạt HueP
slip-unit = { $unit } ({ $code })
slip-page = Trang { $number }/{ $pages } · { $slips } phiếu
slip-care = Mỗi phiếu mở được một tài khoản: cắt rời, trao tận tay đúng người, không chụp ảnh, không gửi qua mạng. Phiếu thừa phải hủy.
slip-account = Tên đăng nhập
slip-code = Mã
slip-until = Dùng một lần, hết hạn sau ngày { $day }
slip-step-app = 1. Cài ứng dụng Element trên điện thoại hoặc máy tính.
slip-step-code = 2. Quét mã QR, nhập mã ở trên rồi tự đặt mật khẩu.
slip-step-server = 3. Đăng nhập Element, chọn máy chủ { $server }
slip-list-title = Danh sách giao nhận phiếu kích hoạt: { $unit }
slip-list-number = STT
slip-list-name = Họ và tên
slip-list-officer = Mã cán bộ
slip-list-signature = Ngày nhận, ký tên
codes-choose = Hãy chọn đúng một cách: --unit (một đơn vị), --code (một hay nhiều người) hoặc --all-new (mọi người chưa từng có mã).
codes-unknown = Không có cán bộ nào mang mã { $code } trong danh bạ.
codes-no-account = Cán bộ { $code } chưa có tài khoản; hãy chạy kế hoạch nhân sự trước.
codes-locked = Tài khoản của { $name } ({ $code }) đang bị khóa: không cấp mã cho người đã nghỉ hoặc bị khóa.
codes-protected = Tài khoản của { $name } ({ $code }) do người quản trị giữ: không cấp mã cho tài khoản này.
codes-unit-unknown = Không có đơn vị nào mang mã { $unit } hôm nay.
codes-stolen-alone = --stolen chỉ dùng cùng --code.
codes-folder = Không ghi được phiếu vào { $folder }: { $error }.
codes-nobody = Không ai cần mã mới.
codes-issued = Đã cấp { $count } mã, hết hạn sau ngày { $day }. Phiếu nằm trong { $folder }; in xong hãy xóa các tệp này.
codes-logged-out = Đã đăng xuất mọi thiết bị của { $name } và bỏ mật khẩu cũ.
codes-revoked = Đã hủy { $count } mã chưa dùng.
codes-list-title = Mã kích hoạt
codes-list-name = Họ và tên
codes-list-officer = Mã cán bộ
codes-list-unit = Đơn vị
codes-list-state = Tình trạng
codes-list-until = Hết hạn sau
codes-state-none = chưa cấp
codes-state-open = đang chờ
codes-state-used = đã dùng
codes-state-expired = hết hạn
codes-totals = Chưa cấp { $none }, đang chờ { $open }, đã dùng { $used }, hết hạn { $expired }.

## Nhận sổ và thực hiện
snapshot-parked = Bản sổ { $sha256 } chờ hai cán bộ phê duyệt, chưa có gì được thực hiện: { $why }. Xem bằng `huep hr parked`.
not-yet-approved = Kế hoạch { $sha256 } mới có { $count }/{ $needed } chữ ký có hiệu lực: chưa được thực hiện.
plan-snapshot-doubt = Bản sổ này sẽ phải chờ hai cán bộ phê duyệt: { $why }
approved-runs = Kế hoạch { $sha256 } đã được hai cán bộ phê duyệt, thực hiện đúng như đã ký:

## Bản thử nghiệm
demo-officers-only = Lệnh này chỉ dùng cho bản thử nghiệm (`huep up --demo`): sổ thật do cán bộ thật phê duyệt.
demo-signed-snapshot = Hai cán bộ phê duyệt đã ký bản sổ { $sha256 }: { $names }
demo-signed-plan = Hai cán bộ phê duyệt đã ký kế hoạch { $sha256 }: { $names }

## Xem thử sổ
inspect-posts = Bảng cán bộ: { $name }
inspect-units = Bảng đơn vị: { $name }
inspect-rows = { $rows } dòng dữ liệu
inspect-header-row = tiêu đề ở dòng { $row }
inspect-encoding = bảng mã { $encoding }
inspect-delimiter = dấu phân cách "{ $delimiter }"
inspect-heading = Tiêu đề
inspect-meaning = Được hiểu là
inspect-how = Vì
inspect-filled = Có giá trị
inspect-unreadable = Không đọc được
inspect-samples = Ví dụ
inspect-how-name = đúng tên
inspect-how-alias = tên khác đã biết
inspect-how-mapping = ghi trong huep.toml
inspect-how-suggested = có lẽ
inspect-how-unknown = không hiểu, bỏ qua
inspect-missing = Thiếu cột bắt buộc: { $columns }.
inspect-repeated = Có hai cột cùng nghĩa: { $columns }.
inspect-sound = Đủ cột cần thiết.
inspect-exported = Xuất lúc { $at }.
inspect-total = Nguồn ghi tổng số { $rows } dòng.
inspect-no-total = Nguồn không ghi tổng số dòng.
inspect-cut = Sổ có vẻ bị cắt ở cuối.
inspect-configuration = Có thể ghi vào huep.toml (kiểm tra lại từng dòng):

# Hai mã, có thể là một người (huep hr twins)
twins-none = Không có cặp mã nào chờ quyết định.
twins-how = { $count } cặp chờ quyết định. Cùng một người: huep hr twins same MÃ_CŨ MÃ_MỚI --by TÊN. Hai người khác nhau: huep hr twins different MÃ MÃ --by TÊN.
twins-name = Họ tên
twins-born = Ngày sinh
twins-unit = Đơn vị
twins-position = Chức vụ
twins-since = Từ ngày
twins-email = Email
twins-account = Tài khoản
twins-no-account = chưa có
twins-made-one = { $old } và { $new } là một người: tài khoản { $localpart } giữ nguyên, từ nay mang mã { $new }.
twins-made-two = { $one } và { $other } là hai người; kế hoạch lần sau sẽ tạo tài khoản còn thiếu.
twins-both-accounts = { $one } và { $other } đều đã có tài khoản; hai tài khoản không bao giờ nhập làm một. Sửa sổ để chỉ còn một mã, tài khoản kia sẽ bị khóa khi sổ ghi thôi việc.
twins-neither-known = Không ai mang mã { $one } hay { $other } có tài khoản; kiểm tra lại mã, hoặc áp dụng kế hoạch trước.
twins-not-alike = Sổ gần nhất không cho thấy { $one } và { $other } có thể là một người (cùng họ tên, cùng ngày sinh): xem các cặp bằng `huep hr twins`.
twins-one-code = { $code } chỉ là một mã; cần hai mã khác nhau.
twins-already-one = { $one } và { $other } đã được quyết định là một người; tài khoản không thể tách ra.
twins-name-needed = Hãy ghi tên người quyết định sau --by.

## Vai trò được giao riêng
roles-granted = Đã giao vai trò { $role } cho { $name } ({ $code }), có hiệu lực từ câu hỏi tiếp theo với bot.
roles-revoked = Đã thu hồi vai trò { $role } của { $name } ({ $code }), có hiệu lực ngay.
roles-held = Cán bộ { $code } đã có vai trò { $role } rồi.
roles-not-held = Cán bộ { $code } không có vai trò { $role } để thu hồi.
roles-nobody = Chưa ai được giao vai trò riêng; mọi quyền đều theo chức vụ.
roles-title = Vai trò được giao riêng
roles-code = Mã
roles-name = Họ và tên
roles-role = Vai trò

## Dữ liệu cá nhân
person-unknown = Không lưu giữ dữ liệu nào dưới mã cán bộ { $code }.
person-exported = Đã ghi mọi dữ liệu về { $code } vào { $file }; việc này được ghi nhật ký.

## Khách được lãnh đạo bảo lãnh
lock-sponsorship = hết bảo lãnh
sheet-lock-sponsorship = khách hết bảo lãnh
guests-sponsor-unknown = Không có cán bộ mã { $code } trong danh bạ: kiểm tra lại mã người bảo lãnh.
guests-sponsor-gone = { $name } ({ $code }) đã thôi việc hoặc đang bị khóa tài khoản nên không bảo lãnh được; hãy chọn lãnh đạo khác.
guests-sponsor-no-leader = Hôm nay { $name } ({ $code }) không giữ chức cấp trưởng hay cấp phó của đơn vị nào nên không bảo lãnh được.
guests-ends-past = Ngày cuối { $day } đã qua; hãy ghi một ngày từ hôm nay trở đi.
guests-ends-before-start = Ngày cuối { $ends } sớm hơn ngày đầu { $starts }; hãy ghi lại.
guests-ends-too-far = Ngày cuối { $day } quá xa: mỗi lần bảo lãnh dài nhất { $longest } ngày, muộn nhất là { $latest }.
guests-day-impossible = Không hiểu ngày "{ $text }"; hãy ghi như 31/12/2026.
guests-needed = Cần ghi đủ họ tên khách, cơ quan, lý do và tên người thực hiện, mỗi mục không quá { $longest } ký tự.
guests-name-characters = Họ tên hoặc cơ quan có ký tự lạ: hãy gõ lại bằng Unicode.
guests-unknown = Không có khách nào mang mã { $code }: xem `huep hr guests list --all`.
guests-not-shorter = Ngày cuối hiện nay đã là { $day }; gia hạn phải muộn hơn. Muốn kết thúc sớm: `huep hr guests end`.
guests-already-ended = Bảo lãnh của khách { $code } đã kết thúc từ trước.
guests-added = Đã nhận khách { $name }, mã { $code }, đến hết ngày { $day }.
guests-account-made = Đã có tài khoản { $localpart }. Cấp phiếu kích hoạt: huep hr codes issue --code { $code } --out THƯ_MỤC
guests-account-later = Tài khoản sẽ được tạo vào ngày { $day }, khi bảo lãnh bắt đầu.
guests-account-waits = Một lần `huep hr apply` khác đang chạy: phần còn lại sẽ được làm trong lần chạy sau.
guests-extended = Đã gia hạn cho { $name } ({ $code }) đến hết ngày { $day }; người bảo lãnh: { $sponsor }.
guests-ended = Đã kết thúc bảo lãnh và khóa tài khoản của { $name } ({ $code }).
guests-none = Không có khách nào.
guests-title = Khách được bảo lãnh
guests-code = Mã
guests-name = Họ và tên
guests-organisation = Cơ quan
guests-sponsor = Người bảo lãnh
guests-from = Từ ngày
guests-until = Đến hết ngày
guests-state = Tình trạng
guests-state-open = đang mở
guests-state-due = chờ tạo tài khoản
guests-state-coming = chưa đến ngày
guests-state-over = hết hạn
guests-state-ended = đã kết thúc
guests-state-sponsorless = người bảo lãnh không còn đủ điều kiện
guests-state-locked = bị khóa
