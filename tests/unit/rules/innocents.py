"""What people really say in groups, some of it close to what rules look for. All made up."""

INNOCENTS = tuple(
    line
    for line in """
今天下午的会议改到三点开始，大家记得带电脑
谁有昨天的笔记，发我一份谢谢
我把红包发群里了，大家抢一下，图个吉利
老板发红包啦，谢谢老板
微信支付付不了款，有人遇到过吗
我的微信步数今天两万，累死了
参加微信群活动的同学请报名
下飞机了，行李还没到
飞机晚点两个小时，郁闷
机场大巴几点停运？
周末去澳门旅游，有什么推荐
黄金周去哪里都是人
这个菠菜怎么炒好吃
菠菜汤放点豆腐很鲜
我在背刷单词，今天一百个
打卡！今天跑了五公里
打卡第三十天，继续加油
请问怎么打卡？
新人报到，请多关照
群规在哪里看？
作业第三题的答案是多少
毕业证什么时候领
下周考驾照，好紧张
身份证丢了怎么补办
发票抬头写什么
报销发票要贴好
老师的电话是多少来着
打电话没人接，发微信吧
加我一个，周六我也去
找我妈要了点钱买书
上车了，二十分钟后到
共享单车又坏了
滚筒洗衣机洗羽绒服可以吗
我真是个废物，早起又失败了
这道题把我做成智障了哈哈
神经病院的剧情好看吗
等公交车等了半小时
按摩椅放客厅会不会太大
空姐态度特别好
种子发芽了！好开心
冰红茶和冰淇淋你选哪个
他这个人挺搞笑的
这个价格有点贵，等打折再买
超市鸡蛋打折，去晚了就没了
电影票三十五块，要一起吗
房租三千，还是有点贵
工资还没发，先吃泡面
公司年会抽奖我又没中
项目周五上线，大家辛苦
数据库连不上，谁看一下
服务器炸了，先别发版
链接打不开，换一个
github.com 今天好慢
文档在 https://www.yuque.com/team/doc 里
视频在这 https://b23.tv/abc123
readme.md 写错了，main.py 也要改
我用的 node.js 版本太旧了
投资人脉很重要，课上讲的
基金又跌了，心态崩了
股票我不懂，别问我
贷款买房压力太大了
房贷还有二十年
信用卡账单出来了，好多
银行卡丢了要去挂失
验证码收不到怎么办
密码忘了，怎么重置
登录不上去，一直转圈
账号是不是要绑定手机
这门课程下学期还开吗
健身第一天，腿已经不是我的了
减肥太难了，晚上又吃多了
瑜伽课你去吗
搬家太累了，东西真多
装修灰尘好大，天天打扫
孩子上早教有必要吗
猫又吐了，要不要去医院
感冒三天了还没好
多喝热水，早点休息
生日快乐！祝你天天开心
新年快乐，恭喜发财
祝大家中秋快乐，阖家团圆
晚安，明天见
早上好，今天降温多穿点
哈哈哈哈哈笑死我了
真的假的？太离谱了吧
我觉得这个方案不太行，再想想
你说得对，是我没考虑周全
不同意，数据不是这么看的
吵架没意思，大家各退一步
别生气了，请你喝奶茶
这游戏太难了，队友都在送
带我飞，我辅助很稳
我玩辅助，你玩射手
求带，刚上黄金段位
赛车游戏哪个好玩
德云社的票抢到了吗
演唱会门票真贵
奶茶第二杯半价，拼一单吗
一点鸡翅，两份薯条
月月红的花开了
今年工资涨了五百块，开心
预约挂号太难了
快递到了，帮我拿一下
手机卡了，重启一下
退款成功了，客服态度不错
导师让我改第五版论文
考研加油，坚持就是胜利
上岸了！复试第一
See you at five, I will bring the snacks
Could you send me the slides from yesterday?
I won the chess game last night!
Free on Saturday? We could go hiking
My phone died, call me on the landline later
The meeting moved to 3:30 p.m., same room
Happy birthday! Have a great day
Thanks for the help, that fixed it
I think the second option is better
Who wants pizza tonight? 12 dollars each
The build is green again
Can somebody review my pull request?
I lost my keys again, what an idiot I am sometimes
Traffic is terrible, running ten minutes late
Did anyone watch the match yesterday?
Our profits fell a little last quarter, says the report
The lecture on investment banking was boring
Please read the group rules before posting
""".strip().splitlines()
    if line
)
