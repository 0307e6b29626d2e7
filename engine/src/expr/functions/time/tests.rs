//! Dates and times at the edges: ends of months, before 1970, beyond what fits, other zones.

use super::super::testing::{all, failing};

#[test]
fn parts_of_times() {
    all(&[
        ("year(DATE '0001-01-01')", "1"),
        ("dayofweek(DATE '2024-01-07')", "1"),
        ("weekday(DATE '2024-01-07')", "6"),
        ("weekofyear(DATE '2027-01-03')", "53"),
        ("extract(YEAROFWEEK FROM DATE '2027-01-03')", "2026"),
        ("extract(SECOND FROM TIMESTAMP '1969-12-31 23:59:59.5')", "59.500000"),
        ("hour(TIMESTAMP '1969-12-31 23:59:59')", "23"),
        ("date_part('qtr', DATE '2024-12-31')", "4"),
        ("dayname(DATE '2024-01-07')", "Sun"),
        ("monthname(DATE '2024-02-29')", "Feb"),
        ("last_day(DATE '1900-02-05')", "1900-02-28"),
        ("dayofyear(DATE '2000-12-31')", "366"),
    ]);
    failing(&[
        ("extract(EPOCH FROM DATE '2024-01-01')", "no part"),
        ("date_part('yaer', DATE '2024-01-01')", "did you mean `year`"),
    ]);
}

#[test]
fn moving_and_cutting() {
    all(&[
        ("add_months(DATE '2024-03-31', -1)", "2024-02-29"),
        ("add_months(DATE '2024-01-30', 13)", "2025-02-28"),
        ("DATE '2024-03-31' - INTERVAL 1 MONTH", "2024-02-29"),
        ("DATE '2024-01-31' + INTERVAL '1-1' YEAR TO MONTH", "2025-02-28"),
        ("DATE '2024-01-01' + INTERVAL 1 DAY", "2024-01-02"),
        ("DATE '2024-01-01' + INTERVAL '1 day'", "2024-01-02"),
        ("DATE '2024-01-01' + INTERVAL 24 HOURS", "2024-01-02 00:00:00"),
        ("TIMESTAMP '2024-01-01 00:00:00' - INTERVAL '0.000001' SECOND", "2023-12-31 23:59:59.999999"),
        ("INTERVAL 1 DAY + TIMESTAMP '2024-01-01 00:00:00'", "2024-01-02 00:00:00"),
        ("TIMESTAMP '2024-01-02 00:00:00' - TIMESTAMP '2024-01-01 12:00:00'", "INTERVAL '0 12:00:00' DAY TO SECOND"),
        ("INTERVAL 1 HOUR * 1.5", "INTERVAL '0 01:30:00' DAY TO SECOND"),
        ("2 * INTERVAL 1 MONTH", "INTERVAL '0-2' YEAR TO MONTH"),
        ("next_day(DATE '2024-01-01', 'monday')", "2024-01-08"),
        ("next_day(DATE '2024-01-01', 'TU')", "2024-01-02"),
        ("trunc(DATE '2024-01-07', 'week')", "2024-01-01"),
        ("trunc(DATE '2024-05-07', 'yy')", "2024-01-01"),
        ("date_trunc('week', TIMESTAMP '1969-12-28 10:00:00')", "1969-12-22 00:00:00"),
        ("date_trunc('dd', TIMESTAMP '1969-12-31 23:59:59')", "1969-12-31 00:00:00"),
        ("dateadd(QUARTER, 1, TIMESTAMP '2024-11-30 01:02:03')", "2025-02-28 01:02:03"),
        ("timestampadd(MICROSECOND, -1, TIMESTAMP '1970-01-01 00:00:00')", "1969-12-31 23:59:59.999999"),
        ("datediff(DATE '2024-03-01', DATE '2024-02-01')", "29"),
        ("timestampdiff(MONTH, TIMESTAMP '2024-01-31 12:00:00', TIMESTAMP '2024-02-29 11:00:00')", "0"),
        ("timestampdiff(YEAR, DATE '2024-02-29', DATE '2023-02-28')", "-1"),
        ("timestampdiff(DAY, TIMESTAMP '2024-01-02 00:00:00', TIMESTAMP '2024-01-01 00:00:01')", "0"),
        ("months_between(DATE '2024-02-29', DATE '2024-01-31')", "1.0"),
        ("months_between(DATE '2024-01-15', DATE '2024-01-14', false)", "0.03225806451612903"),
    ]);
    failing(&[
        ("next_day(DATE '2024-01-01', 'x')", "day of the week"),
        ("dateadd(FORTNIGHT, 1, DATE '2024-01-01')", "no unit of time"),
        ("dateadd('DAY', 1, DATE '2024-01-01')", "without quotes"),
        ("DATE '2024-01-02' - DATE '2024-01-01'", "datediff"),
        ("INTERVAL 1 DAY", "stands alone"),
        ("DATE '2024-01-01' + INTERVAL n DAY", "written out"),
        ("DATE '2024-01-01' + INTERVAL '1 month 1 day'", "not of both"),
        ("DATE '2024-01-01' + INTERVAL 1 FORTNIGHT", ""),
        ("INTERVAL 1 HOUR / 0", "zero"),
        ("date_add(DATE '2024-01-01', 2147483647)", "beyond"),
        ("TIMESTAMP '2024-01-01 00:00:00' + INTERVAL '106751991' DAY", ""),
    ]);
}

#[test]
fn numbers_and_texts() {
    all(&[
        ("unix_timestamp('1970-01-01 00:00:01')", "1"),
        ("unix_timestamp(DATE '1969-12-31')", "-86400"),
        ("unix_timestamp()", "0"),
        ("from_unixtime(-1, 'yyyy HH:mm:ss')", "1969 23:59:59"),
        ("unix_millis(timestamp_micros(-1))", "-1"),
        ("timestamp_seconds(-0.5D)", "1969-12-31 23:59:59.5"),
        ("timestamp_seconds(CAST('NaN' AS DOUBLE))", "NULL"),
        ("timestamp_millis(1)", "1970-01-01 00:00:00.001"),
        ("make_date(2024, n - n + 2, 29)", "2024-02-29"),
        ("make_timestamp(2024, 12, 31, 23, 59, 60)", "2025-01-01 00:00:00"),
        ("make_timestamp(2024, 7, 1, 0, 0, 0, 'Europe/Berlin')", "2024-06-30 22:00:00"),
        ("try_make_timestamp(2024, 13, 1, 0, 0, 0)", "NULL"),
        ("make_dt_interval(1, 2, 3, 4.5)", "INTERVAL '1 02:03:04.5' DAY TO SECOND"),
        ("to_date('2024-02-29')", "2024-02-29"),
        ("to_date(TIMESTAMP '1969-12-31 23:00:00')", "1969-12-31"),
        ("to_date(CAST(NULL AS STRING), 'yyyy')", "NULL"),
        ("try_to_timestamp('x')", "NULL"),
        ("date_format(DATE '2024-01-05', 'EEE d')", "Fri 5"),
        ("to_timestamp('2024', 'yyyy')", "2024-01-01 00:00:00"),
    ]);
    failing(&[
        ("unix_timestamp('1970-01-01')", "does not fit"),
        ("make_date(2023, 2, 29)", "no day"),
        ("make_timestamp(2024, 1, 1, 24, 0, 0)", "no time"),
        ("date_format(DATE '2024-01-05', 'YYYY')", "`yyyy`"),
        ("timestamp_seconds(9223372036854775807)", "beyond"),
        ("to_timestamp('x', 'yyyy')", "does not fit"),
    ]);
}

#[test]
fn zones() {
    all(&[
        ("from_utc_timestamp(TIMESTAMP '2024-07-01 00:00:00', 'Europe/Berlin')", "2024-07-01 02:00:00"),
        ("to_utc_timestamp(TIMESTAMP '2024-03-31 02:30:00', 'Europe/Berlin')", "2024-03-31 01:30:00"),
        ("to_utc_timestamp(TIMESTAMP '2024-10-27 02:30:00', 'Europe/Berlin')", "2024-10-27 00:30:00"),
        ("from_utc_timestamp(TIMESTAMP '2024-01-01 00:00:00', '-3')", "2023-12-31 21:00:00"),
        ("from_utc_timestamp(TIMESTAMP '2024-01-01 00:00:00', 'UTC+8')", "2024-01-01 08:00:00"),
        ("from_utc_timestamp(TIMESTAMP '2024-01-01 00:00:00', 'Z')", "2024-01-01 00:00:00"),
    ]);
    failing(&[
        ("from_utc_timestamp(TIMESTAMP '2024-01-01 00:00:00', 'Mars')", "no time zone"),
        ("from_utc_timestamp(TIMESTAMP '2024-01-01 00:00:00', '+19')", "no time zone"),
        ("from_utc_timestamp(TIMESTAMP '2024-01-01 00:00:00', '')", "no time zone"),
    ]);
}
